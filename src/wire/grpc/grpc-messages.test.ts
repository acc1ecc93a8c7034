import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frameMessages, MessageReader } from './grpc-messages.ts';
import { INTERNAL, RESOURCE_EXHAUSTED, UNIMPLEMENTED } from './grpc-status.ts';

test('any split of the bytes gives the same messages', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 50 })),
      fc.array(fc.nat({ max: 20 }), { minLength: 1 }),
      (messages, sizes) => {
        const sent = messages.map(message => Buffer.from(message));
        const bytes = frameMessages(sent);
        const reader = new MessageReader(50);
        const received: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const to = at + 1 + (sizes[i % sizes.length] as number);
          assert.equal(
            reader.push(bytes.subarray(at, to), { message: message => received.push(message) }),
            undefined,
          );
          at = to;
        }
        assert.deepEqual(received, sent);
        assert.equal(reader.end(), undefined);
      },
    ),
  );
});

test('compressed, too large, or cut off', () => {
  const never = { message: () => assert.fail() };
  assert.equal(new MessageReader(9).push(Buffer.from([1, 0, 0, 0, 0]), never)?.code, UNIMPLEMENTED);
  assert.equal(new MessageReader(9).push(Buffer.from([0, 0, 0, 0, 10]), never)?.code, RESOURCE_EXHAUSTED);
  const reader = new MessageReader(9);
  assert.equal(reader.push(Buffer.from([0, 0, 0, 0, 2, 1]), never), undefined);
  assert.equal(reader.end()?.code, INTERNAL);
});
