import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProxyMessage } from '../../src/envoy/ext-proc/message.ts';
import { PickStream } from '../../src/envoy/ext-proc/pick-stream.ts';
import { PickerState } from '../../src/envoy/ext-proc/picker-state.ts';
import type { Plan } from '../../src/plan/index.ts';
import type { Decision } from '../../src/request/index.ts';
import { withPrefill } from '../../src/request/life-for-test.ts';
import { type Step, type Steps, step } from '../../src/request/steps/step.ts';
import { ORDER, stepsOf } from '../../src/request/steps/steps.ts';
import { poolRoute } from '../proxy/support/manifests.ts';
import { field, readResponse } from '../proxy/support/message.ts';
import { OneWorker } from '../proxy/support/one-worker.ts';
import { type Script, Upstream } from '../proxy/support/upstream.ts';
import { eventually } from '../proxy/support/within.ts';

const BODY = '{"model":"model-a","prompt":"x"}';
const REFUSAL = { status: 418, headers: ['content-type', 'text/plain'], body: 'not you' };

/** What an added step does with each request. */
type Doing = 'pass' | 'refuse' | 'wait';

/** What was known of a request when the added step was asked. */
interface Seen {
  readonly criticality: string | undefined;
  readonly picked: boolean;
  readonly body: string | undefined;
}

/** The order with another step in it. */
function withStep(added: Step, before: string): Steps {
  const at = ORDER.findIndex(({ name }) => name === before);
  assert.ok(at !== -1, before);
  return stepsOf([...ORDER.slice(0, at), added, ...ORDER.slice(at)]);
}

/** @param left told of a request that ended while it waited @param waits how the step is told to ask again */
function adding(by: Step['by'], before: string, doing: Doing, seen: Seen[], waits = setImmediate) {
  const waited = new WeakSet<object>();
  const run: Step['run'] = (request, body) => {
    seen.push({
      criticality: request.decision.criticality,
      picked: request.chosen !== undefined,
      body: body?.toString(),
    });
    if (doing === 'refuse') return request.declines(REFUSAL, 'an added step');
    if (doing === 'pass' || waited.has(request)) return undefined;
    waited.add(request);
    request.waitMs = 1000;
    waits(() => request.goesOn());
    return 'wait';
  };
  return withStep(step('added', by, run), before);
}

interface Outcome {
  readonly status: number;
  readonly body: string | undefined;
  readonly verdict: string;
  /** Endpoints that work for it. */
  readonly endpoints: number;
  readonly seen: readonly Seen[];
}

function said({ verdict, endpoint, others = [] }: Decision): Pick<Outcome, 'verdict' | 'endpoints'> {
  return { verdict, endpoints: [endpoint, ...others].filter(one => one !== undefined).length };
}

async function embedded(worker: OneWorker, seen: readonly Seen[]): Promise<Outcome> {
  const client = await worker.connect();
  client.write(
    `POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
  );
  const response = await readResponse(client);
  const id = field(response, 'x-request-id') as string;
  client.destroy();
  await eventually(
    2000,
    () => 'its end',
    async () => worker.decisions.get(id)?.durationMs !== undefined,
  );
  const decision = worker.decisions.get(id) as Decision;
  return {
    status: response.status,
    body: response.status === 418 ? response.body : undefined,
    ...said(decision),
    seen,
  };
}

async function onEnvoy(plan: Plan, steps: Steps, seen: readonly Seen[]): Promise<Outcome> {
  const state = new PickerState({ onEvent: () => {}, graceMs: 0, steps });
  state.apply(plan);
  const target = state.cluster(plan.clusters[0]?.name ?? '');
  assert.ok(target !== undefined);
  let goesOn = Promise.withResolvers<void>();
  const stream = new PickStream(state.context, target, performance.now(), { goesOn: () => goesOn.resolve() });
  const messages: ProxyMessage[] = [
    {
      kind: 'request-headers',
      endOfStream: false,
      method: 'POST',
      requestId: 'r',
      contentLength: BODY.length,
      target: '/v1/completions',
      contentType: 'application/json',
      contentEncoding: '',
      objective: '',
      explain: false,
      upgrade: false,
      operator: false,
      modes: { request: 'BUFFERED', response: 'NONE' },
      subset: undefined,
    },
    { kind: 'request-body', body: Buffer.from(BODY), endOfStream: true },
  ];
  const replies = [];
  for (const message of messages) {
    replies.push(...stream.receive(message, performance.now()));
    while (stream.waiting !== undefined) {
      await goesOn.promise;
      goesOn = Promise.withResolvers();
      replies.push(...stream.goOn(performance.now()));
    }
  }
  stream.end(performance.now());
  const last = replies.at(-1);
  const decision = state.explain('r') as Decision;
  await state.close();
  return last?.kind === 'immediate'
    ? { status: last.reply.status, body: last.reply.body, ...said(decision), seen }
    : { status: 200, body: undefined, ...said(decision), seen };
}

const KNOWN = { criticality: 'Critical', picked: false, body: BODY };
const PLACES = [
  { by: 'head', before: 'breaker', sees: { criticality: undefined, picked: false, body: undefined } },
  { by: 'body', before: 'asked', sees: { ...KNOWN, criticality: undefined } },
  { by: 'body', before: 'pick', sees: KNOWN },
  { by: 'body', before: 'permit', sees: { ...KNOWN, picked: true } },
] as const;

for (const { by, before, sees } of PLACES)
  for (const doing of ['pass', 'refuse', 'wait'] as const)
    test(`a step that is added before "${before}" is asked there on both planes, and may ${doing}`, async () => {
      const upstream = await Upstream.start(async ({ wire, body }) => {
        await body();
        wire.write('HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\nok');
      });
      const seen: { here: Seen[]; there: Seen[] } = { here: [], there: [] };
      const worker = await OneWorker.start(
        port => poolRoute()(port, [upstream]),
        {},
        adding(by, before, doing, seen.here),
      );
      try {
        const here = await embedded(worker, seen.here);
        const there = await onEnvoy(worker.plan, adding(by, before, doing, seen.there), seen.there);
        const times = doing === 'wait' ? [sees, sees] : [sees];
        const expected =
          doing === 'refuse'
            ? { status: 418, body: REFUSAL.body, verdict: 'replied', endpoints: 0, seen: times }
            : { status: 200, body: undefined, verdict: 'picked', endpoints: 1, seen: times };
        assert.deepEqual(here, expected);
        assert.deepEqual(there, expected);
      } finally {
        const drained = worker.drain();
        await upstream.close();
        await drained;
      }
    });

test('a step that picks once more, for another role: both planes tell of both endpoints, and hold neither at the end', async () => {
  const script: Script = async ({ wire, body }) => {
    await body();
    wire.write('HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\nok');
  };
  const first = await Upstream.start(script, '127.0.0.1');
  const second = await Upstream.start(script, '127.0.0.2', first.port);
  const worker = await OneWorker.start(port => poolRoute()(port, [first, second]), {}, withPrefill());
  try {
    const expected = { status: 200, body: undefined, verdict: 'picked', endpoints: 2, seen: [] };
    assert.deepEqual(await embedded(worker, []), expected);
    assert.deepEqual(await onEnvoy(worker.plan, withPrefill(), []), expected);
    assert.deepEqual(
      Object.values(worker.held()).filter(held => held !== 0),
      [],
    );
  } finally {
    const drained = worker.drain();
    await first.close();
    await second.close();
    await drained;
  }
});

test('a request that ends while it waits leaves its step, once, and holds nothing', async () => {
  const upstream = await Upstream.start(async () => assert.fail('nothing is sent'));
  const left: unknown[] = [];
  const waiting = Promise.withResolvers<() => void>();
  const waits = step(
    'added',
    'head',
    request => {
      request.waitMs = 60_000;
      waiting.resolve(() => request.goesOn());
      return 'wait';
    },
    request => left.push(request.decision.verdict),
  );
  const worker = await OneWorker.start(port => poolRoute()(port, [upstream]), {}, withStep(waits, 'breaker'));
  try {
    const client = await worker.connect();
    client.write(
      'POST /v1/completions HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n',
    );
    const goesOn = await waiting.promise;
    client.destroy();
    await eventually(
      2000,
      () => 'its end',
      async () => left.length > 0,
    );
    goesOn();
    assert.deepEqual(left, ['cancelled']);
    assert.deepEqual(
      Object.values(worker.held()).filter(held => held !== 0),
      [],
    );
  } finally {
    const drained = worker.drain();
    await upstream.close();
    await drained;
  }
});
