import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicMs } from '../../kernel/index.ts';
import { CLUSTER } from './picker-state-for-test.ts';
import { bench, body, CHAT, headers, MODEL, mode, NOTHING_HELD } from './stream-for-test.ts';

const OVERFLOW = 'upstream_reset_before_response_started{overflow}';

test('a refusal by one of Envoy’s own thresholds: the client is told which, the endpoint has no fault', async () => {
  const { state, open, inUse, close } = bench({ endpoints: ['10.0.0.1:1'] });
  const now = monotonicMs();
  const stream = open();
  stream.receive(headers({ endOfStream: true, requestId: 'refused' }), now);
  const outcome = { flags: 128, details: OVERFLOW, upstream: undefined };
  const replies = stream.receive(
    { kind: 'response-headers', contentLength: -1, status: 503, served: undefined, outcome },
    now,
  );
  assert.deepEqual(replies, [
    {
      kind: 'response-headers',
      set: ['x-breakwater-reason', `limit=maxPendingRequests; scope="${CLUSTER}"; in-use=1024; max=1024`],
    },
  ]);
  stream.end(now);
  assert.equal(state.snapshot().endpoints[0]?.state, 'available');
  const decision = state.explain('refused')!;
  assert.equal(decision.verdict, 'overflow');
  assert.equal(decision.reason, "Envoy's own limit");
  assert.deepEqual(decision.permit, {
    scope: CLUSTER,
    granted: false,
    limit: 'maxPendingRequests',
    inUse: 1024,
    max: 1024,
  });
  assert.match(await state.metricsText(() => {}), /decisions_total\{verdict="overflow"\} 1/);
  assert.deepEqual(inUse(), NOTHING_HELD);
  await close();
});

test('an endpoint that Envoy cannot reach has a fault, whatever the status; an answer of Envoy’s own says nothing of any', async () => {
  for (const [outcome, times, expected] of [
    [{ flags: 32, details: 'refused', upstream: '10.0.0.1:1' }, 5, 'open'],
    [{ flags: 64, details: 'reset', upstream: '10.0.0.1:1' }, 5, 'open'],
    [{ flags: 2, details: 'no_healthy_upstream', upstream: undefined }, 9, 'available'],
    [{ flags: 0, details: 'via_upstream', upstream: '10.0.0.1:1' }, 1, 'cooling'],
  ] as const) {
    const { state, open, close } = bench({ endpoints: ['10.0.0.1:1', '10.0.0.2:1'] });
    const now = monotonicMs();
    for (let i = 0; i < times; i++) {
      const stream = open();
      stream.receive(headers({ endOfStream: true }), now);
      stream.receive(
        { kind: 'response-headers', contentLength: -1, status: 503, served: undefined, outcome },
        now,
      );
      stream.end(now);
    }
    assert.equal(state.snapshot().endpoints[0]?.state, expected, JSON.stringify(outcome));
    await close();
  }
});

test('another endpoint than the picked one has served, as Envoy says: it has the request, and the picked one rests', async () => {
  const { state, open, inUse, close } = bench({ endpoints: ['10.0.0.1:1', '10.0.0.2:1'] });
  const now = monotonicMs();
  const stream = open();
  const [pick] = stream.receive(headers({ endOfStream: true, requestId: 'moved' }), now);
  assert.ok(pick?.kind === 'picked');
  const [first, other] = pick.destination.split(',');
  const outcome = { flags: 0, details: 'via_upstream', upstream: other };
  stream.receive(
    { kind: 'response-headers', contentLength: -1, status: 200, served: undefined, outcome },
    now,
  );
  const endpoint = (id: string | undefined) => state.snapshot().endpoints.find(one => one.id === id);
  assert.equal(endpoint(other)?.inFlight, 1);
  assert.equal(endpoint(first)?.inFlight, 0);
  assert.equal(endpoint(first)?.state, 'cooling');
  stream.end(now);
  assert.equal(state.explain('moved')?.endpoint, other);
  assert.deepEqual(inUse(), NOTHING_HELD);
  await close();
});

test('a prompt and an adapter are learnt from a 2xx alone', async () => {
  const { state, open, close } = bench({ endpoints: ['10.0.0.1:1', '10.0.0.2:1', '10.0.0.3:1'] });
  const body = JSON.stringify({ model: 'm', prompt: 'Once upon a time. '.repeat(40) });
  const ask = (status: number): string => {
    const stream = open();
    const now = monotonicMs();
    stream.receive(headers({ endOfStream: false }), now);
    stream.receive({ kind: 'request-body', body: Buffer.from(body), endOfStream: true }, now);
    stream.receive(
      { kind: 'response-headers', contentLength: -1, status, served: undefined, outcome: undefined },
      now,
    );
    const { endpoint } = stream;
    stream.end(now);
    return endpoint;
  };
  const failed = new Set(Array.from({ length: 40 }, () => ask(404)));
  assert.ok(failed.size > 1, 'what failed attracts nothing');
  const home = ask(200);
  for (let i = 0; i < 10; i++) assert.equal(ask(200), home);
  assert.equal(state.snapshot().endpoints.length, 3);
  await close();
});

test('a short 404 of a request for a model: its body is asked for as it passes, and an endpoint that lacks the model is left out for it', async () => {
  const { state, open, close } = bench({ endpoints: ['10.0.0.1:1', '10.0.0.2:1'], models: [MODEL] });
  Object.assign(state.context, { clearRouteCache: true });
  const now = monotonicMs();
  /** @returns the endpoint that was picked, and what is answered to the head of its answer */
  const ask = (status: number, contentLength: number, answers: readonly string[]) => {
    const stream = open();
    stream.receive(headers(mode('BUFFERED')), now);
    const [pick] = stream.receive(body(CHAT), now);
    assert.ok(pick?.kind === 'picked');
    const [reply] = stream.receive(
      { kind: 'response-headers', contentLength, status, served: undefined, outcome: undefined },
      now,
    );
    for (const [i, text] of answers.entries()) {
      const endOfStream = i === answers.length - 1;
      const passed = stream.receive({ kind: 'response-body', body: Buffer.from(text), endOfStream }, now);
      assert.deepEqual(passed, [{ kind: 'continue', phase: 'response-body' }]);
    }
    stream.end(now);
    return { endpoint: pick.destination.split(',')[0] as string, reply };
  };
  const shown = { kind: 'response-headers', set: [], showBody: true };
  assert.deepEqual(ask(200, 20, []).reply, { kind: 'continue', phase: 'response-headers' });
  assert.deepEqual(ask(404, 1_000_000, []).reply, { kind: 'continue', phase: 'response-headers' });
  assert.deepEqual(ask(404, 22, ['{"detail":"Not Found"}']).reply, shown);
  const lacking = ask(404, 27, ['{"error":{"par', 'am":"model"}}']);
  assert.deepEqual(lacking.reply, shown);
  for (let i = 0; i < 20; i++) assert.notEqual(ask(200, 2, []).endpoint, lacking.endpoint);
  await close();
});
