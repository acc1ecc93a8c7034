import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectorMatches } from './label-selector.ts';

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
