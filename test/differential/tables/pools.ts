import { aliasRoute, poolRoute } from '../../proxy/support/manifests.ts';
import { field, readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';
import { ALL_EVENTS, Events } from '../support/events.ts';
import { Held } from '../support/held.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered, brief, pick, received } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const events = { current: new Events() };
const held = { current: new Held() };

function completion(json: unknown, more = ''): string {
  const body = typeof json === 'string' ? json : JSON.stringify(json);
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
}

const echo: Script = async request => {
  const { body } = await request.body();
  request.wire.write(answer(body));
};

function asked(name: string, request: string): Scenario {
  return {
    name: `pool: ${name}`,
    manifests: poolRoute(),
    upstreams: () => [echo],
    run: async ({ send, upstream }) => {
      const response = await send(request);
      const [first] = upstream.requests;
      const { fields, ...answer } = answered(response);
      return {
        ...answer,
        fields: fields.filter(text => text !== 'connection: close'),
        upstream: first === undefined ? 'nothing' : received(first),
      };
    },
  };
}

/** Inference pools: through the picker of either plane. */
export const POOLS: readonly Scenario[] = [
  asked('GET', GET),
  asked('a chat completion', completion({ model: 'model-a', messages: [{ role: 'user', content: 'hi' }] })),
  asked('a model that no InferenceModel names', completion({ model: 'other' })),
  asked('no model', completion({ messages: [] })),
  asked('a body that is no JSON', completion('{ "model":')),
  asked('a body that is a list', completion('[1]')),
  asked(
    'a body that is nested too deep',
    completion(`{"model":"model-a","input":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
  ),
  asked(
    'a body with a byte order mark and NaN',
    completion('\u00ef\u00bb\u00bf{"model":"model-a","min_p":NaN}'),
  ),
  asked(
    'a form',
    completion('--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nmodel-a\r\n--b--\r\n').replace(
      'application/json',
      'multipart/form-data; boundary=b',
    ),
  ),
  asked('a body in a coding that nobody knows', completion('x', 'content-encoding: lzma\r\n')),
  asked('a model that is no text', completion({ model: 1 })),
  asked('an empty body', completion('')),
  asked(
    "a destination of the client's own is not taken",
    completion({ model: 'model-a' }, 'x-gateway-destination-endpoint: 127.0.0.9:1\r\n'),
  ),
  {
    name: 'pool: the connection after a body that cannot be read, where models have other names',
    manifests: aliasRoute(),
    run: async ({ send }) => pick(await send(completion('{')), 'connection'),
    differs: {
      why: 'Envoy closes the connection after an answer of the picker that comes before the request has gone on.',
      embedded: {},
      envoy: { connection: 'close' },
    },
  },
  {
    name: 'pool: an alias, by a key that comes twice, written with an escape',
    manifests: aliasRoute(),
    upstreams: () => [echo],
    run: async ({ send }) => [
      brief(await send(completion('{"model":"x","mod\\u0065l":"alias"}'))),
      brief(await send(completion(`{"model":"alias","tools":${'['.repeat(20_000)}${']'.repeat(20_000)}}`))),
      brief(await send(completion('{').replace('/v1/chat/completions', '/v1/messages'))),
    ],
  },
  {
    name: 'pool: what one request too many gets',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 0 }' }),
    run: async ({ send }) => {
      const response = await send(GET);
      return { ...answered(response), reason: field(response, 'x-breakwater-reason') };
    },
  },
  {
    name: 'pool: maxParallelRequests 1',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1, maxPendingRequests: 1 }' }),
    upstreams: () => {
      held.current = new Held();
      return [held.current.script];
    },
    run: scene => held.current.outcomes(scene, 3),
    gives: ['served', 'refused', 'refused'],
  },
  {
    name: 'pool: maxConnections 2, maxPendingRequests 2, maxParallelRequests 3',
    manifests: poolRoute({
      policy: 'circuitBreaker: { maxConnections: 2, maxPendingRequests: 2, maxParallelRequests: 3 }',
    }),
    upstreams: () => {
      held.current = new Held();
      return [held.current.script];
    },
    run: scene => held.current.outcomes(scene, 6),
    differs: {
      why: "A request's permit is the picker's there, from its pick to its end: one that waits for a connection has one too, and counts. On the embedded plane, and for Envoy's own limits of Services and Backends, it counts when it has its connection.",
      embedded: ['served', 'served', 'queued', 'queued', 'refused', 'refused'],
      envoy: ['served', 'served', 'queued', 'refused', 'refused', 'refused'],
    },
  },
  {
    name: 'pool: maxConnections 1, maxPendingRequests 1: what one request too many gets',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxConnections: 1, maxPendingRequests: 1 }' }),
    upstreams: () => {
      held.current = new Held();
      return [held.current.script];
    },
    run: scene => held.current.outcomes(scene, 4),
    gives: ['served', 'queued', 'refused', 'refused'],
  },
  {
    name: 'pool: maxPendingRequests 0: the whole refusal, and why',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxPendingRequests: 0 }' }),
    run: async ({ send, snapshot }) => {
      const refused = async () => (await snapshot()).limits[0]?.overflow['maxPendingRequests'] ?? 0;
      const before = await refused();
      const response = await send(GET);
      return {
        ...answered(response),
        reason: field(response, 'x-breakwater-reason'),
        refused: (await refused()) - before,
      };
    },
  },
  {
    name: 'pool: an endpoint is not blamed for a refusal by a limit',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxPendingRequests: 0 }' }),
    run: async ({ send, snapshot }) => {
      await send(GET);
      return (await snapshot()).endpoints.map(({ state }) => state);
    },
    gives: ['available'],
  },
  {
    name: 'pool: three endpoints share the load',
    manifests: poolRoute(),
    upstreams: () => [echo, echo, echo],
    run: async ({ send, upstreams }) => {
      for (let i = 0; i < 30; i++) await send(completion({ model: 'model-a', prompt: String(i) }));
      return upstreams.every(({ requests }) => requests.length > 0);
    },
    gives: true,
  },
  {
    name: 'pool: a client that leaves gives its place back',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' }),
    upstreams: () => [
      async request => {
        if (request.index > 0) request.wire.write(answer('ok'));
      },
    ],
    run: async ({ connect, send, upstream }) => {
      const client = await connect();
      client.write(GET);
      await upstream.request(0);
      client.destroy();
      let got = '';
      await eventually(1500, 'a place to be free', async () => (got = brief(await send(GET))) === '200 ok');
      return got;
    },
    gives: '200 ok',
  },
  {
    name: 'pool: events pass one by one while the picker waits for the end',
    manifests: poolRoute(),
    upstreams: () => {
      events.current = new Events();
      return [events.current.script];
    },
    run: scene => events.current.read(scene, completion({ model: 'model-a', stream: true })),
    gives: ALL_EVENTS,
  },
  {
    name: 'pool: an endpoint that is gone, and a retry on connect-failure',
    manifests: poolRoute({
      policy:
        'retry: { numRetries: 2, retryOn: { triggers: [connect-failure] }, perRetry: { backOff: { baseInterval: 1ms } } }',
    }),
    upstreams: () => [echo, echo],
    run: async ({ send, upstreams }) => {
      await upstreams[0]!.close();
      const seen = new Set<number>();
      for (let i = 0; i < 10; i++)
        seen.add((await send(completion({ model: 'model-a', prompt: String(i) }))).status);
      return [...seen];
    },
    gives: [200],
  },
  {
    name: 'pool: no endpoints: 503',
    manifests: (port, upstreams) =>
      poolRoute()(port, upstreams).replaceAll('labels: { app: servers }', 'labels: { app: none }'),
    run: async ({ send }) => answered(await send(completion({ model: 'model-a' }))),
  },
  {
    name: 'pool: the model is rewritten to its target',
    manifests: (port, upstreams) =>
      poolRoute()(port, upstreams).replaceAll(
        'criticality: Critical,',
        'criticality: Critical, targetModels: [{ name: adapter-1, weight: 1 }],',
      ),
    upstreams: () => [echo],
    run: async ({ send }) => answered(await send(completion({ model: 'model-a', n: 1 }))),
  },
  {
    name: 'pool: a decision on demand',
    manifests: poolRoute(),
    upstreams: () => [echo],
    run: async ({ send }) => {
      const text = field(
        await send(completion({ model: 'model-a' }, 'x-breakwater-explain: 1\r\n')),
        'x-breakwater-decision',
      );
      return text === undefined ? 'none' : 'sent along';
    },
  },
  {
    name: 'pool: where nobody is an operator, no decision is sent along, and a refusal has no names',
    manifests: (port, upstreams) =>
      poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 0 }' })(port, upstreams).replace(
        'metadata: { name: gateway }',
        'metadata: { name: gateway, annotations: { breakwater.dev/operators: nobody } }',
      ),
    upstreams: () => [echo],
    run: async ({ send }) => {
      const client = 'x-breakwater-client: operator\r\nx-breakwater-explain: 1\r\n';
      const response = await send(completion({ model: 'model-a' }, client));
      return ['x-breakwater-decision', 'x-breakwater-reason'].map(name => field(response, name) ?? 'none');
    },
  },
  {
    name: 'pool: a policy on the pool counts over all routes to it',
    manifests: (port, upstreams) => `${poolRoute()(port, upstreams)}---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: { name: of-the-pool }
spec:
  targetRefs: [{ group: inference.networking.x-k8s.io, kind: InferencePool, name: pool }]
  circuitBreaker: { maxParallelRequests: 1 }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: second }
spec:
  parentRefs: [{ name: gateway }]
  hostnames: [second]
  rules:
  - backendRefs: [{ group: inference.networking.x-k8s.io, kind: InferencePool, name: pool }]
`,
    upstreams: () => [() => {}],
    run: async ({ connect, send, upstream }) => {
      const client = await connect();
      client.write(GET);
      await upstream.request(0);
      const { status, fields } = await send('GET / HTTP/1.1\r\nhost: second\r\n\r\n');
      return [status, fields.find(([name]) => name === 'x-breakwater-reason')?.[1]];
    },
  },
  {
    name: 'pool: a body of more than 64 MB: 413',
    manifests: poolRoute(),
    run: async ({ connect }) => {
      const client = await connect();
      client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${66 * 1024 * 1024}\r\n\r\n`);
      const answer = readResponse(client);
      const piece = Buffer.alloc(1024 * 1024, ' ');
      for (let i = 0; i < 66 && client.received === 0 && !client.ended; i++)
        await Promise.race([client.writeAll(piece), answer.catch(() => {})]);
      return brief(await answer);
    },
    gives: '413 Payload Too Large',
  },
];
