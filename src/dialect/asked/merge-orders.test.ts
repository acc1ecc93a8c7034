import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeOrders } from './merge-orders.ts';

test('every order is kept in the one that is made of them', () => {
  const orders = [['tools', 'prompt', 'messages'], ['tools', 'system', 'messages', 'last'], ['text']];
  const merged = mergeOrders(orders);
  assert.deepEqual(merged, ['text', 'tools', 'system', 'prompt', 'messages', 'last']);
  for (const order of orders)
    assert.deepEqual(
      merged.filter(name => order.includes(name)),
      order,
    );
});

test('orders that contradict each other are refused when the program starts', () => {
  assert.throws(
    () =>
      mergeOrders([
        ['system', 'messages'],
        ['messages', 'system'],
      ]),
    /does not fit/,
  );
  assert.throws(() => mergeOrders([['text', 'text']]), /does not fit/);
});
