import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conditions, sentence } from './condition.ts';

test('a type is there once, at the place where it was first set', () => {
  const conditions = new Conditions(3)
    .set('Accepted', 'True', 'Accepted', 'yes')
    .set('ResolvedRefs', 'True', 'ResolvedRefs', 'all')
    .set('Accepted', 'False', 'Invalid', 'no');
  assert.deepEqual(
    conditions.list().map(c => [c.type, c.status, c.observedGeneration]),
    [
      ['Accepted', 'False', 3],
      ['ResolvedRefs', 'True', 3],
    ],
  );
  conditions.setIfAbsent('Accepted', 'True', 'Accepted', 'yes');
  assert.ok(conditions.is('Accepted', 'False'));
});

test('a message longer than the API allows is cut and says so', () => {
  const message = new Conditions(0).set('A', 'True', 'B', 'x'.repeat(40_000)).get('A')!.message;
  assert.equal(message.length, 32768);
  assert.ok(message.endsWith('(message truncated).'));
});

test('sentence', () => {
  assert.equal(sentence('limit is wrong'), 'Limit is wrong.');
  assert.equal(sentence('Done.'), 'Done.');
  assert.equal(sentence(''), '');
});
