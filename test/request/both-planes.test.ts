import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PickerReply, ProxyMessage } from '../../src/envoy/ext-proc/message.ts';
import { PickStream } from '../../src/envoy/ext-proc/pick-stream.ts';
import { PickerState } from '../../src/envoy/ext-proc/picker-state.ts';
import type { Plan } from '../../src/plan/index.ts';
import type { Decision, EnvoyReport } from '../../src/request/index.ts';
import { aliasRoute, type Manifests, poolRoute, type RouteOptions } from '../proxy/support/manifests.ts';
import { field, readResponse } from '../proxy/support/message.ts';
import { OneWorker } from '../proxy/support/one-worker.ts';
import { type Script, Upstream } from '../proxy/support/upstream.ts';
import { eventually } from '../proxy/support/within.ts';

/** What a client sends, and how its model server answers. */
interface Asked {
  readonly method?: string;
  /** More fields of its head. */
  readonly fields?: readonly (readonly [string, string])[];
  readonly body?: string;
  /** Said, where it is not the body's. */
  readonly length?: number;
  /** 200 unless it is told otherwise. */
  readonly status?: number;
}

interface Case {
  readonly title: string;
  readonly manifests?: Manifests;
  readonly asked: readonly Asked[];
  readonly maxBodyBytes?: number;
  /** Of the last request. */
  readonly verdict: Decision['verdict'];
}

/** What a plane made of one request. */
interface Outcome {
  readonly status: number;
  readonly refusal: readonly (string | undefined)[] | undefined;
  /** As the model server gets it. */
  readonly sent: string | undefined;
  readonly decision: Record<string, unknown>;
}

/** Of Envoy's access log; the embedded plane has none that it would have to be told. */
const REPORT: EnvoyReport = {
  upstream: undefined,
  status: 200,
  flags: [],
  details: 'via_upstream',
  durationMs: 1,
  firstByteMs: undefined,
  requestBytes: 0,
  responseBytes: 2,
  attempts: 1,
  failure: undefined,
};
const policy = (text: string): RouteOptions => ({ policy: text });
const CHAT = '{"model":"model-a","prompt":"x"}';
const UPGRADE = [
  ['connection', 'upgrade'],
  ['upgrade', 'websocket'],
] as const;
const FULL = policy('circuitBreaker: { maxParallelRequests: 0 }');

const CASES: readonly Case[] = [
  { title: 'served', asked: [{ body: CHAT }], verdict: 'picked' },
  {
    title: 'a model that its server knows by another name',
    manifests: aliasRoute(),
    asked: [{ body: CHAT.replace('model-a', 'alias') }],
    verdict: 'picked',
  },
  { title: 'a model that nobody has named', asked: [{ body: '{"model":"other"}' }], verdict: 'picked' },
  {
    title: 'a body that is no JSON, where models have other names',
    manifests: aliasRoute(),
    asked: [{ body: '{"model"' }],
    verdict: 'replied',
  },
  { title: 'a body that is no JSON, where they have not', asked: [{ body: '{"model"' }], verdict: 'picked' },
  { title: 'no body', asked: [{ method: 'GET' }], verdict: 'picked' },
  { title: 'its server answers 500', asked: [{ body: CHAT, status: 500 }], verdict: 'picked' },
  { title: 'its server answers 404', asked: [{ body: CHAT, status: 404 }], verdict: 'picked' },
  { title: 'no permit', manifests: poolRoute(FULL), asked: [{ body: CHAT }], verdict: 'overflow' },
  {
    title: 'no permit, and a body that is too large',
    manifests: poolRoute(FULL),
    asked: [{ length: 500 }],
    maxBodyBytes: 100,
    verdict: 'overflow',
  },
  {
    title: 'no permit, and an upgrade with a body',
    manifests: poolRoute(FULL),
    asked: [{ method: 'POST', fields: UPGRADE, length: 5 }],
    verdict: 'overflow',
  },
  {
    title: 'a body that is too large, by what it says',
    asked: [{ length: 500 }],
    maxBodyBytes: 100,
    verdict: 'replied',
  },
  {
    title: 'a body that there is no room for',
    asked: [{ length: 70_000_000 }],
    maxBodyBytes: 1e9,
    verdict: 'replied',
  },
  {
    title: 'an upgrade with a body',
    asked: [{ method: 'POST', fields: UPGRADE, length: 5 }],
    verdict: 'replied',
  },
  {
    title: 'no endpoints',
    manifests: port => poolRoute()(port, []),
    asked: [{ body: CHAT }],
    verdict: 'none',
  },
  {
    title: 'sheddable, when the only server has said that it is full',
    manifests: poolRoute({ models: [] }),
    asked: [{ body: CHAT, status: 429 }, { body: CHAT }],
    verdict: 'shed',
  },
];

/** What of a decision is a plane's own: its clock, its ids, the route's name that only one knows. */
function decided(
  { requestId, atMs, durationMs, route, candidates, pick, ...rest }: Decision,
  plan: Plan,
): Record<string, unknown> {
  assert.ok(requestId !== '' && atMs > 0 && durationMs !== undefined);
  assert.ok(plan.clusters.some(({ name }) => name === rest.cluster));
  void [route, pick];
  return { ...rest, candidates: candidates.length };
}

async function embedded(it: Case, worker: OneWorker, bodies: readonly string[]): Promise<Outcome> {
  let outcome: Outcome | undefined;
  for (const one of it.asked) {
    const client = await worker.connect();
    const { method = 'POST', fields = [], body = '', length = body.length } = one;
    const before = bodies.length;
    const lines = [
      `${method} /v1/completions HTTP/1.1`,
      'host: a',
      'content-type: application/json',
      ...fields.map(([name, value]) => `${name}: ${value}`),
    ];
    if (length > 0) lines.push(`content-length: ${length}`);
    client.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    const response = await readResponse(client);
    const id = field(response, 'x-request-id') as string;
    client.destroy();
    await eventually(
      2000,
      () => 'its end',
      async () => worker.decisions.get(id)?.durationMs !== undefined,
    );
    const decision = worker.decisions.get(id) as Decision;
    const got = bodies[before];
    outcome = {
      status: response.status,
      refusal:
        got === undefined
          ? [
              response.body,
              ...['content-type', 'x-breakwater-reason', 'retry-after', 'x-envoy-overloaded'].map(name =>
                field(response, name),
              ),
            ]
          : undefined,
      sent: got,
      decision: decided(decision, worker.plan),
    };
  }
  return outcome as Outcome;
}

function onEnvoy(it: Case, plan: Plan): Outcome {
  const state = new PickerState({
    onEvent: () => {},
    graceMs: 0,
    operators: 'everybody',
    bounds: { maxHeldBytes: 64 * 1024 * 1024, ...(it.maxBodyBytes && { maxBodyBytes: it.maxBodyBytes }) },
  });
  state.apply(plan);
  const target = state.cluster(plan.clusters[0]?.name ?? '');
  assert.ok(target !== undefined);
  let outcome: Outcome | undefined;
  for (const [i, one] of it.asked.entries()) {
    const { method = 'POST', fields = [], body = '', length = body.length, status = 200 } = one;
    const stream = new PickStream(state.context, target, performance.now());
    const messages: ProxyMessage[] = [
      {
        kind: 'request-headers',
        endOfStream: length === 0 && fields.length === 0,
        method,
        requestId: `${i}`,
        contentLength: length === 0 ? -1 : length,
        target: '/v1/completions',
        contentType: 'application/json',
        contentEncoding: '',
        objective: '',
        explain: false,
        upgrade: fields.some(([name]) => name === 'upgrade'),
        operator: true,
        modes: { request: 'BUFFERED', response: 'NONE' },
        subset: undefined,
      },
    ];
    if (body !== '') messages.push({ kind: 'request-body', body: Buffer.from(body), endOfStream: true });
    const replies: PickerReply[] = [];
    for (const message of messages) replies.push(...stream.receive(message, performance.now()));
    const last = replies.at(-1);
    const picked = replies.find(reply => reply.kind === 'picked');
    if (picked !== undefined)
      stream.receive(
        { kind: 'response-headers', status, contentLength: 2, served: undefined, outcome: undefined },
        performance.now(),
      );
    stream.end(performance.now());
    const decision = state.explain(`${i}`) as Decision;
    state.reported({ requestId: `${i}`, cluster: '', report: REPORT });
    assert.deepEqual(state.explain(`${i}`), { ...decision, envoy: REPORT }, 'nothing else of it changes');
    const immediate = last?.kind === 'immediate' ? last.reply : undefined;
    const header = (name: string) => {
      const at = immediate?.headers.indexOf(name) ?? -1;
      return at === -1 ? undefined : immediate?.headers[at + 1];
    };
    outcome = {
      status: immediate?.status ?? status,
      refusal: immediate && [
        immediate.body,
        ...['content-type', 'x-breakwater-reason', 'retry-after', 'x-envoy-overloaded'].map(header),
      ],
      sent: picked === undefined ? undefined : (picked.body?.toString() ?? body),
      decision: decided(decision, plan),
    };
  }
  void state.close();
  return outcome as Outcome;
}

for (const it of CASES)
  test(`both planes, ${it.title}: the same answer, and the same decision`, async () => {
    const bodies: string[] = [];
    const script: Script = async ({ wire, body }) => {
      bodies.push((await body()).body);
      const { status = 200 } = it.asked[bodies.length - 1] as Asked;
      wire.write(`HTTP/1.1 ${status} X\r\ncontent-length: 2\r\n\r\nok`);
    };
    const upstream = await Upstream.start(script);
    const worker = await OneWorker.start(
      port => (it.manifests ?? poolRoute())(port, [upstream]),
      it.maxBodyBytes === undefined ? {} : { maxBodyBytes: it.maxBodyBytes },
    );
    try {
      const here = await embedded(it, worker, bodies);
      const there = onEnvoy(it, worker.plan);
      assert.equal(here.decision['verdict'], it.verdict, JSON.stringify(here));
      assert.deepEqual(there, here);
    } finally {
      const drained = worker.drain();
      await upstream.close();
      await drained;
    }
  });
