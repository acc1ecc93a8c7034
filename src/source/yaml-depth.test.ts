import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseManifest } from './manifest.ts';
import { tooDeepAt } from './yaml-depth.ts';

function indented(levels: number, sign = ''): string {
  return Array.from({ length: levels }, (_, i) => `${' '.repeat(i)}${sign}a:\n`).join('');
}

const DEEP: Readonly<Record<string, string>> = {
  'brackets without an end': `a: ${'['.repeat(50_000)}`,
  'two hundred thousand brackets': `a: ${'[{x: '.repeat(100_000)}`,
  'three thousand levels of a block': indented(3_000),
  'lists in lists': Array.from({ length: 2_800 }, (_, i) => `${' '.repeat(i)}- a\n${' '.repeat(i)}-\n`).join(
    '',
  ),
  'lists in one line': `${'- '.repeat(50_000)}a`,
  'keys in one line': '? '.repeat(50_000),
  'below a text that looks deep': `t: |\n  [[[[ - - -\n${indented(3_000)}`,
};
for (const [name, text] of Object.entries(DEEP))
  test(`nested too deep: ${name}: is said in these words at once, before it is parsed`, () => {
    const begin = performance.now();
    assert.deepEqual(
      parseManifest('f', text).problems.map(({ message }) => message),
      ['nested too deep: expected at most 200 levels'],
    );
    // Some milliseconds; 13 seconds for the longest of them when it was parsed first.
    assert.ok(performance.now() - begin < 3_000);
  });

test('the place that is told is where it becomes too deep', () => {
  assert.deepEqual(tooDeepAt(`a: b\nc: ${'['.repeat(1000)}`), {
    line: 2,
    column: 402,
    message: 'nested too deep: expected at most 200 levels',
  });
});

const FLAT: Readonly<Record<string, string>> = {
  'ten thousand lists beside each other': 'a:\n- [b, {c: d}]\n'.repeat(10_000),
  'brackets in texts, quotes, comments and words': `a: |\n${'  [[[{{{\n'.repeat(500)}b: "${'['.repeat(999)}"\nc: '${'{'.repeat(999)}'\nd: x${'[{'.repeat(500)} # ${'['.repeat(999)}\n`,
  'a folded text whose lines stand ever further in': `a: >\n${Array.from({ length: 900 }, (_, i) => ` ${' '.repeat(i)}- a:\n`).join('')}`,
  'documents that do not end their brackets': 'a: [[[[\n---\n'.repeat(1000),
  'plain words over many lines': `a: b\n${Array.from({ length: 900 }, (_, i) => ` ${' '.repeat(i)}-c:d ?e\n`).join('')}`,
  'columns of every width': Array.from({ length: 900 }, (_, i) => `${' '.repeat(900 - i)}a: [b: c]\n`).join(
    '',
  ),
};
for (const [name, text] of Object.entries(FLAT))
  test(`not deep: ${name}`, () => assert.equal(tooDeepAt(text), undefined));

test('no value that is 200 levels deep or less is too deep, however it is written', () => {
  const { value } = fc.letrec(tie => ({
    value: fc.oneof({ maxDepth: 6 }, fc.string(), fc.integer(), tie('list'), tie('map')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    map: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(
      value,
      fc.integer({ min: 0, max: 190 }),
      fc.boolean(),
      fc.boolean(),
      (leaf, levels, lists, flow) => {
        let whole: unknown = [leaf, 'x: [{? - '.repeat(100)];
        for (let i = 0; i < levels; i++) whole = lists && i % 2 === 0 ? [whole] : { a: whole, b: 1 };
        assert.equal(tooDeepAt(flow ? JSON.stringify(whole) : stringify(whole)), undefined);
      },
    ),
    { numRuns: 50 },
  );
});
