import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { closingLines, type Results, readResults, slowestLines, together, withSecondTry } from './results.ts';

const COUNTS = { tests: 9, suites: 1, passed: 5, failed: 2, cancelled: 1, skipped: 1, todo: 0 };
const results = (counts: Results['counts']): Results => ({
  failedFiles: ['a'],
  failures: ['a: one'],
  filesMs: new Map(),
  counts,
  durationMs: 10,
});

test('the reporter says which files failed and how many tests, as node:test itself counts', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-results-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const names = ['good.test.mjs', 'bad.test.mjs', 'crash.test.mjs', 'helper.mjs', 'results'];
  const [good, bad, crash, helper, written] = names.map(name => join(folder, name));
  writeFileSync(
    good!,
    "import { test } from 'node:test'; test('good', () => {}); test.skip('later', () => {});",
  );
  writeFileSync(
    bad!,
    "import { test } from 'node:test'; import { wrong } from './helper.mjs'; test('fine', () => {}); wrong();",
  );
  // Where a test is written is not the file that has it.
  writeFileSync(
    helper!,
    "import { test } from 'node:test'; export const wrong = () => test('wrong', () => { throw new Error('x'); });",
  );
  writeFileSync(crash!, 'process.exit(1);');
  const reporter = join(import.meta.dirname, 'results-reporter.ts');
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = [
    '--test',
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${written}`,
    good!,
    bad!,
    crash!,
  ];
  const code = await new Promise(resolve => {
    execFile(process.execPath, args, { env }, error => resolve(error?.code ?? 0));
  });
  assert.equal(code, 1);
  const { durationMs, failedFiles, failures, counts } = readResults(readFileSync(written!, 'utf8'));
  assert.ok(durationMs > 0);
  const read = { failedFiles: failedFiles.toSorted(), failures: failures.toSorted(), counts };
  assert.deepEqual(read, {
    failedFiles: [bad, crash],
    failures: [`${crash}: ${crash}`, `${helper}: wrong`],
    counts: { tests: 5, suites: 0, passed: 2, failed: 2, cancelled: 0, skipped: 1, todo: 0, topLevel: 5 },
  });
});

test('after a second try each test counts as it ended the last time', () => {
  const second = results({ ...COUNTS, tests: 4, passed: 3, failed: 1, cancelled: 0, skipped: 0 });
  assert.deepEqual(closingLines(withSecondTry(results(COUNTS), second)), [
    'ℹ tests 9',
    'ℹ suites 1',
    'ℹ pass 7',
    'ℹ fail 1',
    'ℹ cancelled 0',
    'ℹ skipped 1',
    'ℹ todo 0',
    'ℹ duration_ms 20',
  ]);
});

test('the files that took longest come first', () => {
  const filesMs = new Map([
    ['a', 1_500],
    ['b', 2_500],
    ['c', 100],
  ]);
  assert.deepEqual(slowestLines({ ...results(COUNTS), filesMs }, 2), [
    '2.5 s b',
    '1.5 s a',
    '4.1 s for all 3 files',
  ]);
});

test('a run that did not come to its end has no counts', () => {
  assert.deepEqual(closingLines(readResults('{"failed":{"file":"a","name":"one"}}\n')), []);
  assert.deepEqual(closingLines(withSecondTry(results(COUNTS), results(undefined))), []);
});

test('two runs of different files count as one', () => {
  const both = together(results(COUNTS), { ...results(COUNTS), failedFiles: ['b'], failures: ['b: two'] });
  assert.deepEqual(
    [both.failedFiles, both.failures],
    [
      ['a', 'b'],
      ['a: one', 'b: two'],
    ],
  );
  assert.deepEqual(closingLines(both), [
    'ℹ tests 18',
    'ℹ suites 2',
    'ℹ pass 10',
    'ℹ fail 4',
    'ℹ cancelled 2',
    'ℹ skipped 2',
    'ℹ todo 0',
    'ℹ duration_ms 20',
  ]);
  assert.deepEqual(closingLines(together(results(COUNTS), results(undefined))), [], 'one that did not end');
});
