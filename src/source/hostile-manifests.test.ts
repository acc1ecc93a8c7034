import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifest } from './manifest.ts';

const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: 80 }] }\n';

/** Milliseconds; generous, for a machine that does much else. What these texts took before was minutes. */
const PATIENCE_MS = 60_000;

function messagesOf(text: string): string[] {
  const begin = performance.now();
  const { problems } = parseManifest('f', text);
  assert.ok(performance.now() - begin < PATIENCE_MS);
  return problems.map(({ message }) => message);
}

const DEEP: Readonly<Record<string, string>> = {
  'brackets that close': '['.repeat(100_000) + ']'.repeat(100_000),
  'brackets that do not': '[{'.repeat(50_000),
  JSON: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'JSON of 300 levels': `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`,
  'lists in one line': `${'- '.repeat(100_000)}a`,
  'keys without an end': '? '.repeat(50_000),
};
for (const [name, text] of Object.entries(DEEP))
  test(`nested too deep: ${name}: is refused, and what stands beside it is read`, () => {
    const { entries, problems } = parseManifest(
      'f',
      `${SERVICE}---\n${text}\n---\n${SERVICE.replace('a }', 'b }')}`,
    );
    assert.equal(problems.length, 1);
    assert.deepEqual(
      entries.map(({ object }) => object.metadata.name),
      ['a', 'b'],
    );
  });

test('aliases that repeat aliases: a bound on the values that they come to', () => {
  const laughs = Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('');
  assert.match(messagesOf(`a0: &a0 [x, x]\n${laughs}`)[0] ?? '', /larger than 2000000 values/);
});

test('an anchor that is used ten thousand times costs linear time, as an alias and as a merge key', () => {
  const labels = Array.from({ length: 10_000 }, (_, i) => `    k${i}: *x\n`).join('');
  const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata:\n    x: &x word\n${labels}`;
  assert.deepEqual(messagesOf(text), []);
  const merges = Array.from({ length: 10_000 }, () => '  - { <<: *p, name: q }\n').join('');
  assert.deepEqual(messagesOf(`x: &p { port: 80 }\ny:\n${merges}`).length, 1);
});

test('of an object with a hundred thousand unknown fields a hundred are named', () => {
  const fields = Array.from({ length: 100_000 }, (_, i) => `  k${i}: 1\n`).join('');
  const messages = messagesOf(
    `apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec:\n  ports: [{ port: 80 }]\n${fields}`,
  );
  assert.equal(messages.length, 101);
});

test('a key named __proto__ is a key', () => {
  assert.deepEqual(messagesOf(`${SERVICE}__proto__: { x: 1 }\n`).length, 1);
  assert.equal(({} as { x?: number }).x, undefined);
});
