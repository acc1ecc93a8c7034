import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BODY_MODES, type ProxyMessage } from './message.ts';
import type { PickStream } from './pick-stream.ts';
import { CLUSTER } from './picker-state-for-test.ts';

import { bench, CHAT, MODEL, NOTHING_HELD } from './stream-for-test.ts';

const anyMessage: fc.Arbitrary<ProxyMessage> = fc.oneof(
  fc.record({
    kind: fc.constant('request-headers' as const),
    endOfStream: fc.boolean(),
    method: fc.constantFrom('POST', 'GET'),
    requestId: fc.constant(''),
    target: fc.constantFrom('', '/v1/messages'),
    contentType: fc.constantFrom('', 'application/json', 'multipart/form-data; boundary=b'),
    contentEncoding: fc.constantFrom('', 'gzip', 'x'),
    contentLength: fc.constantFrom(-1, 10, 10_000),
    objective: fc.constantFrom('', 'batch'),
    explain: fc.boolean(),
    operator: fc.boolean(),
    upgrade: fc.boolean(),
    modes: fc.option(
      fc.record({ request: fc.constantFrom(...BODY_MODES), response: fc.constantFrom(...BODY_MODES) }),
      { nil: undefined },
    ),
    subset: fc.option(fc.subarray(['127.0.0.1:1', '127.0.0.1:2', 'elsewhere:1']), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constantFrom('request-body' as const, 'response-body' as const),
    body: fc.constantFrom(CHAT, '{}', '{', 'x'.repeat(300)).map(text => Buffer.from(text)),
    endOfStream: fc.boolean(),
  }) as fc.Arbitrary<ProxyMessage>,
  fc.constantFrom<ProxyMessage>(
    { kind: 'request-trailers' },
    { kind: 'response-trailers' },
    { kind: 'malformed', reason: '' },
  ),
  fc.record({
    kind: fc.constant('response-headers' as const),
    status: fc.constantFrom(0, 200, 404, 429, 503, 500),
    contentLength: fc.constantFrom(-1, 2, 10_000),
    served: fc.constantFrom(undefined, '127.0.0.1:1', '127.0.0.1:2', 'elsewhere:1'),
    outcome: fc.option(
      fc.record({
        flags: fc.constantFrom(0, 32, 64, 128),
        details: fc.constantFrom('via_upstream', 'else'),
        upstream: fc.constantFrom(undefined, '127.0.0.1:1', '127.0.0.1:2', 'elsewhere:1'),
      }),
      { nil: undefined },
    ),
  }),
);

/** What happens to one of a few streams: a message, or its end, which may be told more than once. */
const step = fc.record({ stream: fc.nat({ max: 7 }), message: fc.option(anyMessage, { freq: 4 }) });

test('any interleaving of messages and ends: never over the limit, and nothing is held at the end', async () => {
  for (const options of [{ limit: 2 }, { limit: 5, poolLimit: 3, models: [MODEL] }, { limit: 0 }]) {
    const { state, open, inUse, close } = bench(options, { maxBodyBytes: 400, maxHeldBytes: 900 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const streams = new Map<number, PickStream>();
        let now = 0;
        for (const { stream: number, message } of steps) {
          now += 1;
          const stream = streams.get(number) ?? open();
          streams.set(number, stream);
          if (message !== null) stream.receive(message, now);
          else {
            stream.end(now);
            stream.end(now);
            if (now % 2 === 0) streams.delete(number);
          }
          for (const { scope, active } of state.snapshot().limits) {
            const max = scope === CLUSTER ? options.limit : (options.poolLimit ?? 0);
            assert.ok(active <= max, `${scope}: ${active} of ${max}`);
          }
          assert.ok(state.context.bodies.heldBytes <= 900);
        }
        for (const stream of streams.values()) stream.end(now);
        assert.deepEqual(inUse(), NOTHING_HELD);
      }),
      { numRuns: 300 },
    );
    await close();
  }
});
