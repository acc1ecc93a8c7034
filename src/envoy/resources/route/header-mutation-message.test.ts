import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HeaderMutation, NO_HEADER_MUTATION } from '../../../plan/index.ts';
import { headerChanges } from './header-mutation-message.ts';

const mutation = (parts: Partial<HeaderMutation>): HeaderMutation => ({ ...NO_HEADER_MUTATION, ...parts });
const changes = (...mutations: HeaderMutation[]) => {
  const { requestHeadersToAdd, requestHeadersToRemove } = headerChanges(mutations, []);
  return {
    add: requestHeadersToAdd.map(({ header, appendAction }) => [header?.key, header?.value, appendAction]),
    remove: requestHeadersToRemove,
  };
};
const [APPEND, OVERWRITE] = [0, 2];

test('what is set replaces, what is added is appended, what is removed is gone', () => {
  const set = [{ name: 'X-A', value: '1' }];
  assert.deepEqual(changes(mutation({ set, add: [{ name: 'x-b', value: '2' }], remove: ['x-c'] })), {
    add: [
      ['x-a', '1', OVERWRITE],
      ['x-b', '2', APPEND],
    ],
    remove: ['x-c'],
  });
});

test('of one header, set comes before add and add before remove', () => {
  const [set, add] = [[{ name: 'x-a', value: '1' }], [{ name: 'X-A', value: '2' }]];
  assert.deepEqual(changes(mutation({ set, add })).add, [
    ['x-a', '1', OVERWRITE],
    ['x-a', '2', APPEND],
  ]);
  assert.deepEqual(changes(mutation({ set, add, remove: ['x-a'] })), { add: [], remove: ['x-a'] });
});

test('the later of two has the last word', () => {
  const first = mutation({ set: [{ name: 'x-a', value: '1' }], remove: ['x-b'] });
  const second = mutation({ set: [{ name: 'x-a', value: '2' }], add: [{ name: 'x-b', value: '3' }] });
  assert.deepEqual(changes(first, second), {
    add: [
      ['x-a', '2', OVERWRITE],
      ['x-b', '3', OVERWRITE],
    ],
    remove: [],
  });
});

test("a percent sign is no command of Envoy's", () => {
  assert.deepEqual(changes(mutation({ add: [{ name: 'x-a', value: '%PROTOCOL%' }] })).add, [
    ['x-a', '%%PROTOCOL%%', APPEND],
  ]);
});
