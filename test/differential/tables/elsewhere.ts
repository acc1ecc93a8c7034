import { plainRoute, poolRoute } from '../../proxy/support/manifests.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const POST = 'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 19\r\n\r\n{"model":"model-a"}';
const CHUNKED =
  'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n13\r\n{"model":"model-a"}\r\n0\r\n\r\n';
const LARGE_BODY = JSON.stringify({ model: 'model-a', x: 'a'.repeat(2_000_000) });
const LARGE = `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${LARGE_BODY.length}\r\n\r\n${LARGE_BODY}`;

const ok: Script = async request => {
  await request.body();
  request.wire.write(answer('ok'));
};

/** Answers the first request of each connection, and closes it when the second has come. */
function givesUp(): Script {
  const used = new WeakSet<object>();
  return async request => {
    await request.body();
    if (used.has(request.wire)) request.wire.socket.destroy();
    else {
      used.add(request.wire);
      request.wire.write(answer('ok'));
    }
  };
}

interface Target {
  readonly name: 'Service' | 'pool';
  readonly manifests: Scenario['manifests'];
}

const TARGETS: readonly Target[] = [
  { name: 'Service', manifests: plainRoute() },
  { name: 'pool', manifests: poolRoute() },
];

const REQUESTS: readonly (readonly [name: string, request: string])[] = [
  ['a GET', GET],
  ['a POST', POST],
  ['a chunked POST', CHUNKED],
  ['a POST of 2 MB', LARGE],
];

function refused({ name, manifests }: Target): Scenario[] {
  return REQUESTS.map(([what, request]) => ({
    name: `${name}: three of four endpoints refuse connections, without a policy: ${what}`,
    ...(manifests && { manifests }),
    upstreams: () => [ok, ok, ok, ok],
    run: async ({ send, upstreams }) => {
      for (const each of upstreams.slice(1)) await each.close();
      const seen = new Set<string>();
      for (let i = 0; i < 12; i++) seen.add(brief(await send(request)));
      return [...seen];
    },
    gives: ['200 ok'],
  }));
}

function kept(
  name: string,
  { manifests }: Target,
  request: string,
): Pick<Scenario, 'name' | 'upstreams' | 'run'> {
  return {
    name,
    ...(manifests && { manifests }),
    upstreams: () => [givesUp()],
    run: async ({ send, upstream }) => {
      const seen: number[] = [];
      for (let i = 0; i < 2; i++) seen.push((await send(request)).status);
      return [...seen, `${upstream.requests.length} requests`];
    },
  };
}

const [SERVICE, POOL] = TARGETS as [Target, Target];

/** What is sent elsewhere, or again, though no policy says so: what no server can have served. */
export const ELSEWHERE: readonly Scenario[] = [
  ...TARGETS.flatMap(refused),
  {
    ...kept('Service: a server gives up its kept connection as a GET comes', SERVICE, GET),
    differs: {
      why: 'The embedded plane sends it again on a fresh connection (RFC 9110 section 9.2.2); Envoy has one retry policy for all methods of a route, and does so for pools only, where the picker says it.',
      embedded: [200, 200, '3 requests'],
      envoy: [200, 503, '2 requests'],
    },
  },
  {
    ...kept('pool: a server gives up its kept connection as a GET comes', POOL, GET),
    gives: [200, 200, '3 requests'],
  },
  ...TARGETS.map(
    (target): Scenario => ({
      ...kept(
        `${target.name}: a server gives up its kept connection as a POST comes, which it may have served`,
        target,
        POST,
      ),
      gives: [200, 503, '2 requests'],
    }),
  ),
  ...TARGETS.map(
    (target): Scenario => ({
      name: `${target.name}: nobody listens at all: what is said`,
      ...(target.manifests && { manifests: target.manifests }),
      upstreams: () => [ok, ok],
      run: async ({ send, upstreams }) => {
        for (const each of upstreams) await each.close();
        return brief(await send(POST));
      },
    }),
  ),
  {
    name: 'the only server refuses connections: what is said',
    run: async ({ send, upstream }) => {
      await upstream.close();
      return brief(await send(GET));
    },
    differs: {
      why: 'Envoy asks the only one again, at once and in vain, and says so; the embedded plane tries another one, where there is one.',
      embedded:
        '503 upstream connect error or disconnect/reset before headers. reset reason: remote connection failure',
      envoy:
        '503 upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure',
    },
  },
];
