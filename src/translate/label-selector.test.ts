import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectorMatches, selectorProblem } from './label-selector.ts';

test('selectorMatches', () => {
  const labels = { app: 'vllm', tier: 'gpu' };
  const expression = (operator: string, key: string, values?: string[]) => ({
    matchExpressions: [{ key, operator, values }],
  });
  assert.ok(selectorMatches({}, labels));
  assert.ok(selectorMatches({ matchLabels: { app: 'vllm' } }, labels));
  assert.ok(!selectorMatches({ matchLabels: { app: 'other' } }, labels));
  assert.ok(!selectorMatches({ matchLabels: { zone: 'a' } }, labels));
  assert.ok(selectorMatches(expression('In', 'app', ['vllm', 'x']), labels));
  assert.ok(!selectorMatches(expression('In', 'zone', ['a']), labels));
  assert.ok(selectorMatches(expression('NotIn', 'zone', ['a']), labels));
  assert.ok(!selectorMatches(expression('NotIn', 'app', ['vllm']), labels));
  assert.ok(selectorMatches(expression('Exists', 'tier'), labels));
  assert.ok(selectorMatches(expression('DoesNotExist', 'zone'), labels));
  assert.ok(!selectorMatches(expression('Unheard', 'app'), labels));
});

test('a selector that an API server could not parse matches nothing, and it is said why', () => {
  const expression = (operator: string, values?: string[], key = 'team') => ({
    matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }],
  });
  for (const [selector, problem] of [
    [expression('Exists', ['x']), /values set must be empty/],
    [expression('DoesNotExist', ['x']), /values set must be empty/],
    [expression('In'), /values set can't be empty/],
    [expression('NotIn', []), /values set can't be empty/],
    [expression('Equals', ['x']), /"Equals" is not a valid label selector operator/],
    [expression('Exists', [], 'a b'), /key: Invalid value: "a b"/],
    [expression('Exists', [], 'A/b'), /key: Invalid value: "A\/b"/],
    [expression('In', ['-']), /values: Invalid value: "-"/],
    [{ matchLabels: { '': 'x' } }, /key: Invalid value: ""/],
    [{ matchLabels: { a: 'b c' } }, /values: Invalid value: "b c"/],
  ] as const) {
    assert.match(selectorProblem(selector) ?? '', problem);
    assert.ok(!selectorMatches(selector, { a: 'b c' }));
  }
  for (const selector of [{}, { matchLabels: { 'example.com/a.b': '' } }, expression('NotIn', ['x', ''])])
    assert.equal(selectorProblem(selector), undefined);
});
