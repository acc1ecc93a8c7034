import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_HEADER_MUTATION } from '../../plan/index.ts';
import { addHeaderFilter } from './header-filter.ts';

function add(filter: Parameters<typeof addHeaderFilter>[1], before = NO_HEADER_MUTATION) {
  const errors: string[] = [];
  return { result: addHeaderFilter(before, filter, 'RequestHeaderModifier', errors), errors };
}

test('collects set, add and remove as written', () => {
  const { result, errors } = add({
    set: [{ name: 'X-Set', value: 'a b' }],
    add: [{ name: 'x-add', value: '1' }],
    remove: ['X-Gone', 'x-gone'],
  });
  assert.deepEqual(errors, []);
  assert.deepEqual(result, {
    set: [{ name: 'X-Set', value: 'a b' }],
    add: [{ name: 'x-add', value: '1' }],
    remove: ['X-Gone'],
  });
});

test('of two that name one header, the first counts, also over two filters', () => {
  const first = add({ add: [{ name: 'a', value: '1' }], set: [{ name: 'A', value: '2' }] }).result;
  assert.deepEqual(first, { set: [], add: [{ name: 'a', value: '1' }], remove: [] });
  const { result } = add(
    {
      set: [
        { name: 'A', value: '3' },
        { name: 'b', value: '4' },
      ],
    },
    first,
  );
  assert.deepEqual(result, {
    set: [{ name: 'b', value: '4' }],
    add: [{ name: 'a', value: '1' }],
    remove: [],
  });
});

test('names what cannot be changed, and keeps the rest', () => {
  const { result, errors } = add({
    set: [
      { name: 'Host', value: 'a' },
      { name: ':path', value: '/' },
      { name: 'ok', value: '1' },
      { name: 'bad', value: 'a\r\nb' },
    ],
    remove: ['a/b', ''],
  });
  assert.deepEqual(result.set, [{ name: 'ok', value: '1' }]);
  assert.equal(errors.length, 5);
  assert.match(errors[0]!, /^Header: "Host"\. The RequestHeaderModifier filter cannot set the Host header/);
  assert.match(errors[2]!, /cannot set a header with an invalid value/);
});

test('a long value that is not allowed is refused at once', () => {
  const { errors } = add({ set: [{ name: 'a', value: `${'x'.repeat(50_000)}\n` }] });
  assert.equal(errors.length, 1);
});

test('what frames a message or its connection is not for filters, whatever its case', () => {
  const framing = [
    'Content-Length',
    'transfer-encoding',
    'CONNECTION',
    'te',
    'trailer',
    'upgrade',
    'keep-alive',
  ];
  for (const name of framing) {
    const headers = [{ name, value: '1' }];
    for (const filter of [{ set: headers }, { add: headers }, { remove: [name] }]) {
      const { result, errors } = add(filter);
      assert.equal(result, NO_HEADER_MUTATION);
      assert.match(errors[0] ?? '', /cannot (set|add|remove) headers that frame a message or its connection/);
    }
  }
});

test('a name to remove that is no header name is refused', () => {
  const { errors } = add({ remove: ['a b', 'a\r\nb', 'é', 'x'.repeat(300)] });
  assert.equal(errors.length, 3);
  for (const error of errors) assert.match(error, /invalid name: "[^\n]*"$/);
});
