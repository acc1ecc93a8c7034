import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonMerge, patched, strategicMerge } from './merge.ts';

test('JSON merge is that of RFC 7396', () => {
  // Appendix A
  const cases = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [original, patch, result] of cases) assert.deepEqual(jsonMerge(original, patch), result);
});

test('a strategic merge finds the items of lists by their keys', () => {
  const original = { containers: [{ name: 'envoy', image: 'a', env: [{ name: 'X', value: '1' }] }] };
  assert.deepEqual(
    strategicMerge(original, {
      containers: [
        { name: 'envoy', env: [{ name: 'Y', value: '2' }] },
        { name: 'more', image: 'b' },
      ],
    }),
    {
      containers: [
        {
          name: 'envoy',
          image: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
        { name: 'more', image: 'b' },
      ],
    },
  );
});

test('a strategic merge replaces lists without a key, and deletes what it is told to', () => {
  assert.deepEqual(
    strategicMerge({ tolerations: [{ key: 'a' }], args: ['x'] }, { tolerations: [{ key: 'b' }] }),
    { tolerations: [{ key: 'b' }], args: ['x'] },
  );
  assert.deepEqual(
    strategicMerge(
      { volumes: [{ name: 'a' }, { name: 'b' }], gone: 1, all: { x: 1, y: 2 } },
      { volumes: [{ name: 'a', $patch: 'delete' }], gone: null, all: { $patch: 'replace', z: 3 } },
    ),
    { volumes: [{ name: 'b' }], all: { z: 3 } },
  );
  assert.deepEqual(
    strategicMerge({ env: [{ name: 'a' }] }, { env: [{ $patch: 'replace' }, { name: 'b' }] }),
    { env: [{ name: 'b' }] },
  );
});

test('a patch cannot make another object of it', () => {
  const object = { kind: 'Service', metadata: { name: 'a', namespace: 'ns' }, spec: {} };
  const value = { spec: { type: 'NodePort' } };
  assert.deepEqual(patched(object, { value }).spec, { type: 'NodePort' });
  assert.throws(() => patched(object, { value: { metadata: { namespace: 'other' } } }), /cannot be changed/);
  assert.throws(() => patched(object, { type: 'JSONMerge', value: { kind: 'Pod' } }), /cannot be changed/);
  assert.throws(() => patched(object, { value: 'x' }), /not an object/);
  assert.throws(() => patched(object, { type: 'Replace', value }), /expected StrategicMerge or JSONMerge/);
});
