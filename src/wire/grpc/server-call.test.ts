import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from '../../kernel/index.ts';
import { frameMessages } from './grpc-messages.ts';
import { type CallOwner, GrpcCall } from './server-call.ts';
import type { Fields, ServerStream, StreamUser } from './transport.ts';

/** A stream without a connection. */
class LooseStream implements ServerStream {
  readonly method = 'POST';
  readonly path = '/test.T/Call';
  readonly fields: Fields = {};
  isGone = false;
  user: StreamUser | undefined;
  heads = 0;
  finished = 0;
  use(user: StreamUser): void {
    this.user = user;
  }
  write(): boolean {
    assert.equal(this.finished, 0, 'nothing is written after the trailers');
    assert.equal(this.heads, 1, 'the head goes first');
    return this.heads % 2 === 0;
  }
  reset(): void {
    this.isGone = true;
  }
  pause(): void {}
  resume(): void {}
  respond(): void {
    this.heads++;
  }
  finish(): void {
    this.finished++;
  }
  refuse(): void {
    assert.fail();
  }
}

const BYTES = Buffer.concat([
  frameMessages([Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300, 'x')]),
  Buffer.from([0, 0, 0, 0, 99, 1, 2, 3]),
]);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('data' as const), bytes: fc.nat({ max: 120 }) }) },
  ...(['ended', 'drained', 'gone', 'send', 'end', 'cancel', 'garbage'] as const).map(kind =>
    fc.record({ kind: fc.constant(kind), bytes: fc.constant(0) }),
  ),
);

test('in any order of what a client and a service do, a call is closed once and holds nothing after', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, throws) => {
      const buffers = ByteBudget.create(1024 * 1024);
      let closed = 0;
      let gone = 0;
      let faults = 0;
      const owner: CallOwner = {
        maxMessageBytes: 1000,
        buffers,
        failed: () => {},
        gone: () => gone++,
        fault: () => faults++,
      };
      const stream = new LooseStream();
      const call = new GrpcCall(stream, { peer: 'test', uris: undefined }, owner);
      const received: string[] = [];
      const live = () => assert.equal(closed, 0, 'nothing is told after the end');
      call.serve({
        message: bytes => {
          live();
          received.push(bytes.toString());
          if (throws && received.length === 3) throw new Error('of the service');
          call.send([bytes]);
        },
        halfClosed: live,
        drained: live,
        closed: () => closed++,
      });
      let at = 0;
      for (const { kind, bytes } of steps) {
        if (stream.isGone && gone > 0) break;
        if (kind === 'data') {
          stream.user?.data(BYTES.subarray(at, at + bytes));
          at += bytes;
        } else if (kind === 'garbage') stream.user?.data(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
        else if (kind === 'gone') {
          stream.isGone = true;
          stream.user?.closed();
        } else if (kind === 'send') call.send([Buffer.from('x')]);
        else if (kind === 'end') call.end();
        else if (kind === 'cancel') call.cancel();
        else stream.user?.[kind]();
      }
      if (gone === 0) stream.user?.closed();
      assert.deepEqual([closed, gone], [1, 1]);
      assert.equal(buffers.heldBytes, 0);
      assert.ok(stream.finished <= 1 && stream.heads <= 1);
      assert.ok(faults <= 1);
      const expected = ['one', '', 'x'.repeat(300)];
      if (!steps.some(({ kind }) => kind === 'garbage'))
        assert.deepEqual(received, expected.slice(0, received.length));
    }),
    { numRuns: 500 },
  );
});
