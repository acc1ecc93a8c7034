import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeStatus } from './status-transitions.ts';

const at = (now: string, generation: number | undefined = 1) => ({ now, generation });

test('a condition keeps its time until its status changes', () => {
  const accepted = { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'one' };
  const first = mergeStatus(undefined, { conditions: [accepted] }, at('t1'));
  assert.deepEqual(first, {
    conditions: [{ ...accepted, lastTransitionTime: 't1', observedGeneration: 1 }],
  });
  const reworded = mergeStatus(first, { conditions: [{ ...accepted, message: 'two' }] }, at('t2', 2));
  assert.deepEqual(reworded, {
    conditions: [{ ...accepted, message: 'two', lastTransitionTime: 't1', observedGeneration: 2 }],
  });
  const refused = mergeStatus(reworded, { conditions: [{ ...accepted, status: 'False' }] }, at('t3', 2));
  assert.deepEqual(refused, {
    conditions: [{ ...accepted, status: 'False', lastTransitionTime: 't3', observedGeneration: 2 }],
  });
});

test('conditions of parents are told apart by parent and controller', () => {
  const parent = (name: string, status: string) => ({
    parentRef: { name },
    controllerName: 'c',
    conditions: [{ type: 'Accepted', status }],
  });
  const first = mergeStatus(undefined, { parents: [parent('a', 'True'), parent('b', 'True')] }, at('t1'));
  const second = mergeStatus(first, { parents: [parent('b', 'True'), parent('a', 'False')] }, at('t2'));
  const times = (
    second['parents'] as { parentRef: { name: string }; conditions: { lastTransitionTime: string }[] }[]
  ).map(entry => [entry.parentRef.name, entry.conditions[0]?.lastTransitionTime]);
  assert.deepEqual(times, [
    ['b', 't1'],
    ['a', 't2'],
  ]);
});

test('what has no conditions is left as it is', () => {
  const status = { addresses: [{ type: 'IPAddress', value: '127.0.0.1:80' }], phase: 'Running', list: ['a'] };
  assert.deepEqual(mergeStatus(undefined, status, at('t1')), status);
});
