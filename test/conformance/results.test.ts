import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Results, resultLine, type TestResult } from './results.ts';

function read(text: string): { results: Results; told: TestResult[] } {
  const told: TestResult[] = [];
  const results = new Results('TestGatewayAPI', result => told.push(result));
  for (const line of text.split('\n')) results.line(line);
  return { results, told };
}

const OUTPUT = `=== RUN   TestGatewayAPI
    conformance.go:87: Running conformance tests with:
=== RUN   TestGatewayAPI/Good
=== RUN   TestGatewayAPI/Good/1_request_to_'/'_should_go
=== NAME  TestGatewayAPI/Good
    a.go:1: fine
--- PASS: TestGatewayAPI/Good (1.23s)
    --- PASS: TestGatewayAPI/Good/1_request_to_'/'_should_go (0.12s)
=== RUN   TestGatewayAPI/Bad
=== RUN   TestGatewayAPI/Bad/part
    http.go:12: got 404
=== NAME  TestGatewayAPI/Bad
    b.go:2: more
    --- FAIL: TestGatewayAPI/Bad (30.00s)
        --- FAIL: TestGatewayAPI/Bad/part (30.00s)
=== RUN   TestGatewayAPI/Other
    conformance.go:67: Skipping Other: suite does not support TLSRoute
    --- SKIP: TestGatewayAPI/Other (0.00s)
--- FAIL: TestGatewayAPI (40.00s)
FAIL`;

test('the tests of a suite are the subtests of its Go test', () => {
  const { results, told } = read(OUTPUT);
  assert.deepEqual(
    told.map(({ name, outcome }) => `${name} ${outcome}`),
    ['Good passed', 'Bad failed', 'Other skipped'],
  );
  assert.deepEqual([results.count('passed'), results.count('failed'), results.count('skipped')], [1, 1, 1]);
});

test('a failed test comes with what it said, its parts included', () => {
  const { told } = read(OUTPUT);
  assert.deepEqual(told[1]?.output, ['    http.go:12: got 404', '    b.go:2: more']);
  assert.deepEqual(told[0]?.output, []);
});

test('lines for people', () => {
  const { told } = read(OUTPUT);
  assert.deepEqual(told.map(resultLine), [
    '✔ Good (1.2 s)',
    '✖ Bad (30.0 s)',
    '- Other: Skipping Other: suite does not support TLSRoute',
  ]);
});

test('what is said before the first test is kept', () => {
  const { results } = read(
    '=== RUN   TestGatewayAPI\n    suite.go:1: no GatewayClass\n--- FAIL: TestGatewayAPI (1.00s)',
  );
  assert.deepEqual(results.setup, ['    suite.go:1: no GatewayClass']);
  assert.deepEqual(results.tests, []);
});
