import { STATUS_CODES } from 'node:http';
import type { Manifests } from '../../proxy/support/manifests.ts';
import { aliasRoute, poolRoute } from '../../proxy/support/manifests.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { decisionOf, explained } from '../support/explained.ts';
import type { Scenario } from '../support/scenario.ts';
import { answeredByPool } from '../support/seen.ts';

function chat(json: unknown, more = ''): string {
  const body = typeof json === 'string' ? json : JSON.stringify(json);
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
}
const CHAT = chat({ model: 'model-a', messages: [{ role: 'user', content: 'hi' }] });
const LONG = chat({ model: 'model-a', messages: [{ role: 'user', content: 'the same again '.repeat(200) }] });

const ok: Script = async request => {
  await request.body();
  request.wire.write(answer('ok'));
};
const says =
  (...codes: readonly number[]): Script =>
  async request => {
    await request.body();
    const code = codes[request.index] ?? 200;
    // Reason phrases have a row.
    const phrase = STATUS_CODES[code] ?? 'Unknown';
    request.wire.write(`HTTP/1.1 ${code} ${phrase}\r\ncontent-length: 0\r\n\r\n`);
  };

const policy = (text: string) => poolRoute({ policy: text });
const FULL = 'circuitBreaker: { maxParallelRequests: 0 }';
const NOBODY: Manifests = (port, upstreams) =>
  poolRoute()(port, upstreams).replaceAll('labels: { app: servers }', 'labels: { app: none }');

/** Of the last of some requests, one after another: the whole answer, with why and until when, and the whole decision. */
function row(
  name: string,
  manifests: Manifests,
  upstreams: () => readonly Script[],
  ...requests: readonly string[]
): Scenario {
  return {
    name: `decision: ${name}`,
    manifests,
    upstreams,
    run: async scene => {
      let seen: unknown;
      for (const request of requests) {
        const response = await scene.send(request);
        const { fields, ...rest } = answeredByPool(response);
        // Of connections after a refusal there is a row.
        const shown = fields.filter(text => text !== 'connection: close');
        seen = { ...rest, fields: shown, decision: await explained(scene, response) };
      }
      return seen;
    },
  };
}

const resets: Script = async request => {
  await request.body();
  request.wire.reset();
};
const hangs: Script = () => {};
const on = (triggers: string, more = '') =>
  `retry: { numRetries: 2, retryOn: { ${triggers} }, perRetry: { ${more} backOff: { baseInterval: 1ms, maxInterval: 5ms } } }`;
const UPGRADE = 'connection: upgrade\r\nupgrade: websocket\r\n';

/** A pool of the API's v1, with objectives that say what may be shed. */
const objectives: Manifests = (port, upstreams) => {
  const v1 = poolRoute({ models: [] })(port, upstreams)
    .replaceAll('inference.networking.x-k8s.io/v1alpha2', 'inference.networking.k8s.io/v1')
    .replaceAll('inference.networking.x-k8s.io', 'inference.networking.k8s.io')
    .replace(
      /spec: \{ targetPortNumber: (\d+), selector: \{ app: servers \}, extensionRef: .*\}/,
      'spec: { targetPorts: [{ number: $1 }], selector: { matchLabels: { app: servers } }, endpointPickerRef: { name: picker, port: { number: 9002 } } }',
    );
  const objective = (name: string, priority: number) => `---
apiVersion: inference.networking.x-k8s.io/v1alpha2
kind: InferenceObjective
metadata: { name: ${name} }
spec: { priority: ${priority}, poolRef: { group: inference.networking.k8s.io, name: pool } }
`;
  return v1 + objective('high', 10) + objective('low', -1);
};
const asks = (objective: string) =>
  chat({ model: 'model-a', prompt: 'hi' }, `x-gateway-inference-objective: ${objective}\r\n`);

const PATHS = ['/v1/chat/completions', '/v1/messages', '/v1/responses', '/generate', '/v1/embeddings'];

/** What `explain` says, and why a pool refuses. */
export const DECISIONS: readonly Scenario[] = [
  row('served', poolRoute(), () => [ok], CHAT),
  row('of two, the one that has served the prompt', poolRoute(), () => [ok, ok], LONG, LONG),
  row('a model that nobody has named', poolRoute(), () => [ok], chat({ model: 'other' })),
  row('a model that its server knows by another name', aliasRoute(), () => [ok], chat({ model: 'alias' })),
  row('no model', poolRoute(), () => [ok], 'GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n'),
  row('HEAD', poolRoute(), () => [ok], 'HEAD /v1/models HTTP/1.1\r\nhost: a\r\n\r\n'),
  ...[400, 404, 429, 500, 503, 529].map(code =>
    row(`its server says ${code}`, poolRoute(), () => [says(code)], CHAT),
  ),
  row('its server resets the connection', poolRoute(), () => [resets], CHAT),
  ...['requestTimeout', 'streamIdleTimeout', 'maxStreamDuration'].map(limit =>
    row(
      `its server does not answer within ${limit}`,
      policy(`timeout: { http: { ${limit}: 100ms } }`),
      () => [hangs],
      CHAT,
    ),
  ),
  {
    name: 'decision: which tries failed',
    manifests: policy(on('httpStatusCodes: [503]')),
    upstreams: () => [says(503, 503)],
    run: async scene =>
      (await decisionOf(scene, await scene.send(CHAT))).tries?.map(({ outcome }) => outcome),
    differs: {
      why: 'Envoy tries again by itself: it says how often, and not why.',
      embedded: ['503', '503'],
      envoy: undefined,
    },
  },
  {
    name: 'decision: why a server did not answer, in whose words',
    manifests: poolRoute(),
    upstreams: () => [resets],
    run: async scene => (await decisionOf(scene, await scene.send(CHAT))).reason,
    differs: {
      why: 'What it means is said first and is the same; whose connection it was says what it saw.',
      embedded: 'reset: read ECONNRESET',
      envoy: 'reset: Envoy: UC upstream_reset_before_response_started{connection_termination}',
    },
  },
  row('tried again, in vain', policy(on('httpStatusCodes: [503]')), () => [says(503, 503, 503)], CHAT),
  row('tried again, and served', policy(on('httpStatusCodes: [500]')), () => [says(500)], CHAT),
  row('tried again after a reset', policy(on('triggers: [reset]')), () => [resets], CHAT),
  row('tries have a time-out', policy(on('triggers: [reset]', 'timeout: 80ms,')), () => [hangs], CHAT),
  ...PATHS.map(path =>
    row(`${path}, refused by a limit`, policy(FULL), () => [ok], CHAT.replace('/v1/chat/completions', path)),
  ),
  row('refused by a limit, without a body', policy(FULL), () => [ok], 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'),
  ...PATHS.map(path =>
    row(`${path}, no endpoints`, NOBODY, () => [ok], CHAT.replace('/v1/chat/completions', path)),
  ),
  ...PATHS.map(path =>
    row(
      `${path}, a body that is no JSON, where models have other names`,
      aliasRoute(),
      () => [ok],
      chat('{"model"').replace('/v1/chat/completions', path),
    ),
  ),
  row('an upgrade with a body', poolRoute(), () => [ok], chat({ model: 'model-a' }, UPGRADE)),
  ...PATHS.map(path =>
    row(
      `${path}, sheddable, when the only server has said that it is full`,
      poolRoute({ models: [] }),
      () => [says(429)],
      CHAT.replace('/v1/chat/completions', path),
      CHAT.replace('/v1/chat/completions', path),
    ),
  ),
  ...['high', 'low', 'unknown'].map(objective =>
    row(
      `the objective ${objective}, when the only server has said that it is full`,
      objectives,
      () => [says(429)],
      asks('high'),
      asks(objective),
    ),
  ),
];
