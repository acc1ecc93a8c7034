import { plainRoute } from '../../proxy/support/manifests.ts';
import { field, readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { peerTakes } from '../../support/peer-takes.ts';
import { Held } from '../support/held.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered, brief, pick } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

interface Row {
  readonly limits: string;
  /** What becomes of requests that come one after another, each on a connection of its own. */
  readonly requests: readonly ('served' | 'queued' | 'refused')[];
  readonly embeddedInstead?: readonly ('served' | 'queued' | 'refused')[];
  readonly why?: string;
}

/** As measured on Envoy 1.40. */
const ROWS: readonly Row[] = [
  { limits: 'maxParallelRequests: 1, maxPendingRequests: 1', requests: ['served', 'refused', 'refused'] },
  { limits: 'maxConnections: 1, maxPendingRequests: 1', requests: ['served', 'queued', 'refused'] },
  { limits: 'maxConnections: 1, maxPendingRequests: 0', requests: ['refused', 'refused'] },
  {
    limits: 'maxConnections: 0, maxPendingRequests: 0, maxParallelRequests: 0',
    requests: ['refused', 'refused'],
  },
  {
    limits: 'maxConnections: 2, maxPendingRequests: 2, maxParallelRequests: 3',
    requests: ['served', 'served', 'queued', 'queued', 'refused', 'refused'],
  },
  { limits: 'maxPendingRequests: 0', requests: ['refused', 'refused'] },
  ...['maxConnections: 0', 'perEndpoint: { maxConnections: 0 }'].map(
    (limits): Row => ({
      limits,
      requests: ['served', 'queued'],
      embeddedInstead: ['refused', 'refused'],
      why: 'Each worker of Envoy may always open one connection; on the embedded plane a limit of 0 means none.',
    }),
  ),
  { limits: 'perEndpoint: { maxConnections: 0 }, maxPendingRequests: 0', requests: ['refused', 'refused'] },
  { limits: 'maxRequestsPerConnection: 0', requests: ['served', 'served'] },
  { limits: 'maxParallelRetries: 0', requests: ['served', 'served'] },
  { limits: 'maxParallelRequests: 0', requests: ['refused', 'refused'] },
  {
    limits: 'perEndpoint: { maxConnections: 1 }, maxPendingRequests: 2',
    requests: ['served', 'queued', 'queued', 'refused'],
  },
  { limits: 'maxParallelRequests: 2', requests: ['served', 'served', 'refused'] },
];

function breaker({ limits, requests, embeddedInstead, why }: Row): Scenario {
  const held = { current: new Held() };
  return {
    name: `circuitBreaker: { ${limits} }`,
    manifests: plainRoute({ policy: `circuitBreaker: { ${limits} }` }),
    upstreams: () => {
      held.current = new Held();
      return [held.current.script];
    },
    run: scene => held.current.outcomes(scene, requests.length),
    ...(embeddedInstead === undefined || why === undefined
      ? { gives: requests }
      : { differs: { why, embedded: embeddedInstead, envoy: requests } }),
  };
}

/** Circuit breakers: who is served, who waits, who is refused, and with what. */
export const BREAKERS: readonly Scenario[] = [
  ...ROWS.map(breaker),
  {
    name: 'what an overflow looks like, without what Breakwater adds',
    manifests: plainRoute({ policy: 'circuitBreaker: { maxPendingRequests: 0 }' }),
    run: async ({ send }) => {
      const { line, body, fields } = answered(await send(GET));
      return { line, body, fields };
    },
    gives: {
      line: 'HTTP/1.1 503 Service Unavailable',
      body: 'upstream connect error or disconnect/reset before headers. reset reason: overflow',
      fields: [
        'content-length: 81',
        'content-type: text/plain',
        'date: …',
        'x-envoy-overloaded: true',
        'x-request-id: …',
      ],
    },
  },
  {
    name: 'why a request to a Service or Backend was refused',
    manifests: plainRoute({ policy: 'circuitBreaker: { maxPendingRequests: 0 }' }),
    run: async ({ send }) => field(await send(GET), 'x-breakwater-reason'),
    differs: {
      why: 'Limits of Services and Backends are held by Envoy itself there, which has no words for the reason; those of pools by the picker.',
      embedded: 'limit=maxPendingRequests; scope="httproute/default/route/rule/0"; in-use=0; max=0',
      envoy: undefined,
    },
  },
  {
    name: 'after an overflow the connection goes on',
    manifests: plainRoute({ policy: 'circuitBreaker: { maxPendingRequests: 0 }' }),
    run: async ({ connect }) => {
      const client = await connect();
      client.write(GET + GET);
      return [brief(await readResponse(client)), brief(await readResponse(client))];
    },
  },
  {
    name: "maxParallelRetries 0: the backend's own answer",
    manifests: plainRoute({
      policy:
        'circuitBreaker: { maxParallelRetries: 0 }\nretry: { numRetries: 2, retryOn: { httpStatusCodes: [503] } }',
    }),
    upstreams: () => [
      ({ wire }) => void wire.write('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 7\r\n\r\nmy own!'),
    ],
    run: async ({ send, upstream, snapshot }) => {
      const response = await send(GET);
      const [scope] = (await snapshot()).limits;
      return {
        brief: brief(response),
        ...pick(response, 'x-envoy-overloaded'),
        tries: upstream.requests.length,
        refusedRetries: scope?.overflow['maxParallelRetries'],
      };
    },
    gives: { brief: '503 my own!', tries: 1, refusedRetries: 1 },
  },
  {
    name: 'maxRequestsPerConnection',
    manifests: plainRoute({ policy: 'circuitBreaker: { maxRequestsPerConnection: 2 }' }),
    run: async ({ connect, upstream }) => {
      const client = await connect();
      for (let i = 0; i < 6; i++) {
        client.write(GET);
        await readResponse(client);
      }
      return upstream.connections;
    },
    gives: 3,
  },
  {
    name: 'never more connections than allowed, under a crowd',
    manifests: plainRoute({ policy: 'circuitBreaker: { maxConnections: 2 }' }),
    upstreams: () => [soon],
    run: async scene => {
      let most = 0;
      await Promise.all(
        Array.from({ length: 30 }, async () => {
          const client = await scene.connect();
          for (let i = 0; i < 5; i++) {
            client.write(GET);
            await readResponse(client);
            most = Math.max(most, scene.upstream.open.size);
          }
        }),
      );
      return { most, peak: scene.upstream.peak };
    },
    gives: { most: 2, peak: 2 },
  },
];

/** Takes a moment. */
const soon: Script = async ({ wire }) => {
  await peerTakes(2);
  wire.write(answer('ok'));
};
