import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicMs } from '../../kernel/index.ts';
import type { BodyMode, ProxyMessage } from './message.ts';
import { CLUSTER, NO_BODY_SCORERS, POOL, planForTest } from './picker-state-for-test.ts';

import { bench, body, CHAT, headers, kinds, MODEL, mode, NOTHING_HELD } from './stream-for-test.ts';

test('each body mode: when the pick is sent, and what becomes of the body', async () => {
  const { open, inUse, close } = bench({ models: [MODEL] });
  const after = (request: BodyMode, ...messages: ProxyMessage[]) => {
    const stream = open();
    const replies = [headers(mode(request)), ...messages].map(message => stream.receive(message, 1));
    assert.equal(inUse().permits, 1, request);
    stream.end(2);
    assert.deepEqual(inUse(), NOTHING_HELD, request);
    return replies;
  };
  assert.deepEqual(after('NONE').map(kinds), [['picked']]);
  assert.deepEqual(after('STREAMED', body('a', false), body('b')).map(kinds), [
    ['picked'],
    ['continue'],
    ['continue'],
  ]);
  for (const buffered of ['BUFFERED', 'BUFFERED_PARTIAL'] as const) {
    const [first, second] = after(buffered, body(CHAT));
    assert.deepEqual(first, [{ kind: 'continue', phase: 'request-headers' }]);
    const [pick] = second!;
    assert.ok(pick?.kind === 'picked' && pick.phase === 'request-body');
    assert.equal(pick.body?.toString(), CHAT.replace('"m"', '"m-v2"'));
    assert.equal(pick.contentLength, pick.body?.length);
  }
  const half = CHAT.slice(0, 20);
  assert.deepEqual(after('BUFFERED_PARTIAL', body(half, false), body(CHAT.slice(20))).map(kinds), [
    ['continue'],
    ['picked'],
    ['continue'],
  ]);
  const duplex = after('FULL_DUPLEX_STREAMED', body(half, false), body(CHAT.slice(20)));
  assert.deepEqual(duplex.map(kinds), [[], [], ['picked', 'body']]);
  const [, part] = duplex[2]!;
  assert.ok(part?.kind === 'body' && part.endOfStream);
  assert.equal(part.body.toString(), CHAT.replace('"m"', '"m-v2"'));
  const trailers = after('FULL_DUPLEX_STREAMED', body(CHAT, false), { kind: 'request-trailers' });
  assert.deepEqual(trailers.map(kinds), [[], [], ['picked', 'body', 'continue']]);
  assert.ok(trailers[2]![1]?.kind === 'body' && !trailers[2]![1].endOfStream);
  await close();
});

test('the pick is made at the headers when the body is not there, or decides nothing', async () => {
  for (const [options, message] of [
    [{ models: [MODEL] }, headers({ endOfStream: true })],
    [{ plugins: NO_BODY_SCORERS }, headers()],
  ] as const) {
    const { open, close } = bench(options);
    const stream = open();
    const [pick] = stream.receive(message, 0);
    assert.ok(pick?.kind === 'picked' && pick.phase === 'request-headers');
    assert.deepEqual(pick.destination.split(',').sort(), ['127.0.0.1:1', '127.0.0.1:2']);
    assert.deepEqual(kinds(stream.receive(body('x'.repeat(130_000)), 0)), ['body', 'body', 'body']);
    stream.end(0);
    await close();
  }
});

test('over the limit: refused at the headers, and the decision says why', async () => {
  const { state, open, inUse, close } = bench({ limit: 1 });
  const first = open();
  first.receive(headers({ requestId: 'one', endOfStream: true }), 0);
  const second = open();
  const [refused] = second.receive(headers({ requestId: 'two', contentLength: 10 }), 5);
  assert.ok(refused?.kind === 'immediate');
  assert.equal(refused.reply.status, 503);
  assert.ok(refused.reply.body.endsWith('reset reason: overflow'));
  second.end(5);
  assert.equal(inUse().permits, 1);
  first.end(20);
  assert.deepEqual(inUse(), NOTHING_HELD);
  const { verdict, permit } = state.explain('two')!;
  assert.equal(verdict, 'overflow');
  assert.deepEqual(permit, {
    scope: CLUSTER,
    granted: false,
    limit: 'maxParallelRequests',
    inUse: 1,
    max: 1,
  });
  const one = state.explain('one')!;
  assert.equal(one.verdict, 'picked');
  assert.equal(one.durationMs, 20);
  assert.equal(one.candidates.length, 2);
  await close();
});

test('no endpoints, endpoints that the gateway does not allow, and a subset', async () => {
  const none = bench({ endpoints: [] });
  const [reply] = none.open().receive(headers({ endOfStream: true }), 0);
  assert.ok(reply?.kind === 'immediate');
  assert.deepEqual([reply.reply.status, reply.reply.body], [503, 'no healthy upstream']);
  await none.close();
  const { open, inUse, close } = bench({ endpoints: ['10.0.0.1:1', '10.0.0.2:1', '10.0.0.3:1'] });
  for (const [subset, expected] of [
    [['10.0.0.2:1', '10.9.9.9:1'], '10.0.0.2:1'],
    [['10.9.9.9:1'], undefined],
    [[], undefined],
  ] as const) {
    const stream = open();
    const [answer] = stream.receive(headers({ endOfStream: true, subset }), 0);
    assert.equal(answer?.kind === 'picked' ? answer.destination : undefined, expected);
    stream.end(0);
  }
  assert.deepEqual(inUse(), NOTHING_HELD);
  await close();
});

test('bodies that are no JSON, too large, or too many at once', async () => {
  const { open, inUse, close } = bench({ models: [MODEL] }, { maxBodyBytes: 100, maxHeldBytes: 150 });
  const status = (...messages: ProxyMessage[]) => {
    const stream = open();
    const replies = messages.flatMap(message => stream.receive(message, 0));
    stream.end(0);
    const last = replies.at(-1);
    return last?.kind === 'immediate' ? last.reply.status : undefined;
  };
  assert.equal(status(headers(), body('{"model"')), 400);
  assert.equal(status(headers(), body('[]')), undefined, 'a list names no model');
  assert.equal(status(headers({ contentLength: 101 })), 413);
  assert.equal(status(headers(), body('x'.repeat(60), false), body('x'.repeat(60), false)), 413);
  const held = open();
  held.receive(headers(), 0);
  held.receive(body('x'.repeat(100), false), 0);
  assert.equal(status(headers(), body('x'.repeat(60), false)), 503);
  held.end(0);
  assert.deepEqual(inUse(), NOTHING_HELD);
  await close();
});

test('the endpoint that served has the request, and the one that was picked has failed', async () => {
  const { state, open, inUse, close } = bench({ endpoints: ['10.0.0.1:1', '10.0.0.2:1'] });
  const stream = open();
  const [pick] = stream.receive(headers({ endOfStream: true, requestId: 'moved' }), 0);
  assert.ok(pick?.kind === 'picked');
  const [first, other] = pick.destination.split(',');
  stream.receive(
    { kind: 'response-headers', contentLength: -1, status: 200, served: other, outcome: undefined },
    1,
  );
  const { endpoints } = state.snapshot();
  assert.equal(endpoints.find(({ id }) => id === other)?.inFlight, 1);
  assert.equal(endpoints.find(({ id }) => id === first)?.inFlight, 0);
  stream.end(2);
  const decision = state.explain('moved')!;
  assert.equal(decision.endpoint, other);
  assert.deepEqual(decision.tries, [{ endpoint: first, outcome: 'failed' }]);
  assert.equal(decision.status, 200);
  assert.deepEqual(inUse(), NOTHING_HELD);
  await close();
});

test('what an endpoint answers opens nothing without a policy; 429, 503 and 529 cool it', async () => {
  for (const [status, times, expected] of [
    [500, 9, 'available'],
    [501, 9, 'available'],
    [429, 1, 'cooling'],
    [503, 1, 'cooling'],
    [529, 1, 'cooling'],
    [404, 9, 'available'],
  ] as const) {
    const { state, open, close } = bench({ endpoints: ['10.0.0.1:1'] });
    const now = monotonicMs();
    for (let i = 0; i < times; i++) {
      const stream = open();
      stream.receive(headers({ endOfStream: true }), now);
      stream.receive(
        { kind: 'response-headers', contentLength: -1, status, served: undefined, outcome: undefined },
        now,
      );
      stream.end(now);
    }
    assert.equal(state.snapshot().endpoints[0]?.state, expected);
    await close();
  }
});

test('a new plan: streams that are open give back what they took', async () => {
  const { state, open, inUse, close } = bench({ limit: 1 });
  const stream = open();
  stream.receive(headers({ endOfStream: true }), 0);
  state.apply(planForTest({ limit: 3, endpoints: ['10.0.0.9:1'] }));
  assert.equal(inUse().permits, 1);
  stream.end(0);
  state.apply(planForTest({ limit: 3 }));
  assert.deepEqual(inUse(), NOTHING_HELD);
  assert.equal(state.pool(POOL)?.scope?.thresholds.maxParallelRequests, 3);
  await close();
});

test('sheddable, and every model server is saturated: 429 in the shape that clients read', async () => {
  const { open, inUse, close } = bench({
    endpoints: ['10.0.0.1:1'],
    models: [{ ...MODEL, criticality: 'Sheddable' }],
    objectives: { urgent: 'Critical' },
  });
  const now = monotonicMs();
  const first = open();
  const ask = (stream: ReturnType<typeof open>, objective = '') => [
    ...stream.receive(headers({ objective }), now),
    ...stream.receive(body(CHAT), now),
  ];
  assert.deepEqual(kinds(ask(first)), ['picked', 'body']);
  first.receive(
    { kind: 'response-headers', contentLength: -1, status: 429, served: undefined, outcome: undefined },
    now,
  );
  first.end(now);
  const [shed] = ask(open());
  assert.ok(shed?.kind === 'immediate');
  assert.equal(shed.reply.status, 429);
  assert.equal(JSON.parse(shed.reply.body).error.code, 429);
  const urgent = open();
  assert.deepEqual(kinds(ask(urgent, 'urgent')), ['picked', 'body']);
  urgent.end(now);
  assert.deepEqual(inUse(), NOTHING_HELD);
  await close();
});
