import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldNotFound } from './held-not-found.ts';

const head = { status: 404 } as ConstructorParameters<typeof HeldNotFound>[0];
const payer = {
  fault(thrown: unknown) {
    throw thrown;
  },
};

test('one that is not whole in time is told to be late, and one that is held no more is not', async () => {
  const stopped = new HeldNotFound(head, 'length');
  stopped.wait(payer, () => assert.fail('it is held no more'), 1);
  stopped.stop();
  const held = new HeldNotFound(head, 'length');
  await new Promise<void>(resolve => held.wait(payer, resolve, 5));
});

test('what does not begin as JSON is known to be of no model before it is whole', () => {
  const pushed = (...parts: string[]) => {
    const held = new HeldNotFound(head, 'length');
    return parts.map(part => held.push(Buffer.from(part)));
  };
  assert.deepEqual(pushed('', ' \r\n', '{"error"', ': '), [true, true, true, true]);
  assert.deepEqual(pushed(' ', '<html>'), [true, false]);
  assert.deepEqual(pushed('Not Found'), [false]);
  assert.equal(new HeldNotFound(head, 'length').push(undefined), true);
});
