import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Results, resultLine, type TestResult } from './results.ts';

function read(text: string): { results: Results; told: TestResult[] } {
  const told: TestResult[] = [];
  let line = 0;
  const results = new Results(
    'TestGatewayAPI',
    result => told.push(result),
    () => line * 100,
  );
  for (const each of text.split('\n')) {
    line++;
    results.line(each);
  }
  return { results, told };
}

/** A line takes 100 ms. */
const OUTPUT = `=== RUN   TestGatewayAPI
    conformance.go:87: Running conformance tests with:
=== RUN   TestGatewayAPI/Good
=== RUN   TestGatewayAPI/Good/1_request_to_'/'_should_go
=== NAME  TestGatewayAPI/Good
    a.go:1: fine
=== DONE  PASS Good
=== RUN   TestGatewayAPI/Bad
=== PAUSE TestGatewayAPI/Bad
=== RUN   TestGatewayAPI/Other
    conformance.go:67: Skipping Other: suite does not support TLSRoute
=== DONE  SKIP Other
=== CONT  TestGatewayAPI/Bad
=== RUN   TestGatewayAPI/Bad/part
    http.go:12: got 404
=== NAME  TestGatewayAPI/Bad
    b.go:2: more
=== DONE  FAIL Bad
--- FAIL: TestGatewayAPI (40.00s)
    --- FAIL: TestGatewayAPI/Bad (30.00s)
FAIL`;

test('the tests of a suite are the subtests of its Go test', () => {
  const { results, told } = read(OUTPUT);
  assert.deepEqual(
    told.map(({ name, outcome }) => `${name} ${outcome}`),
    ['Good passed', 'Other skipped', 'Bad failed'],
  );
  assert.deepEqual([results.count('passed'), results.count('failed'), results.count('skipped')], [1, 1, 1]);
});

test('a failed test comes with what it said, its parts included', () => {
  const { told } = read(OUTPUT);
  assert.deepEqual(told[2]?.output, ['    http.go:12: got 404', '    b.go:2: more']);
  assert.deepEqual(told[0]?.output, []);
});

test('lines for people', () => {
  const { told } = read(OUTPUT);
  assert.deepEqual(told.map(resultLine), [
    '✔ Good (0.4 s)',
    '- Other: Skipping Other: suite does not support TLSRoute',
    '✖ Bad (0.5 s)',
  ]);
});

test('what is said before the first test is kept', () => {
  const { results } = read(
    '=== RUN   TestGatewayAPI\n    suite.go:1: no GatewayClass\n--- FAIL: TestGatewayAPI (1.00s)',
  );
  assert.deepEqual(results.setup, ['    suite.go:1: no GatewayClass']);
  assert.deepEqual(results.tests, []);
});
