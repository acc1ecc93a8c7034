import { plainRoute } from '../../proxy/support/manifests.ts';
import { field, readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';
import { frame } from '../support/many-routes.ts';
import type { Scenario } from '../support/scenario.ts';
import { pick, received } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const ref = (name: string, weight: number) =>
  `{ group: gateway.envoyproxy.io, kind: Backend, name: ${name}, weight: ${weight} }`;
const named =
  (name: string): Script =>
  async request => {
    await request.body();
    request.wire.write(answer(name));
  };

/** With a Service `empty` that has no endpoints. */
function route(rule: string) {
  return frame(
    () => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: route }
spec:
  parentRefs: [{ name: gateway }]
  rules:
  - ${rule}
---
apiVersion: v1
kind: Service
metadata: { name: empty }
spec: { selector: { app: none }, ports: [{ port: 80 }] }
`,
  );
}

/** Critical values of chi-square for p = 0.0001, by degrees of freedom. */
const CRITICAL = [0, 15.14, 18.42, 21.11];

/** Sends many requests and says whether the shares are what the weights say. */
function shares(name: string, refs: string, expected: Readonly<Record<string, number>>): Scenario {
  return {
    name: `weights: ${name}`,
    manifests: route(`backendRefs: [${refs}]`),
    upstreams: () => [named('zero'), named('one'), named('two')],
    run: async ({ connect }) => {
      const count = 600;
      const seen: Record<string, number> = {};
      const client = await connect();
      for (let i = 0; i < count; i++) {
        client.write(GET);
        const { status, body } = await readResponse(client);
        const key = status === 200 ? body : String(status);
        seen[key] = (seen[key] ?? 0) + 1;
      }
      const total = Object.values(expected).reduce((sum, weight) => sum + weight, 0);
      let chiSquare = 0;
      for (const [key, weight] of Object.entries(expected)) {
        const wanted = (count * weight) / total;
        chiSquare += ((seen[key] ?? 0) - wanted) ** 2 / wanted;
      }
      const asExpected = chiSquare < (CRITICAL[Object.keys(expected).length - 1] || 1);
      return { among: Object.keys(seen).sort(), asExpected: asExpected || seen };
    },
    gives: { among: Object.keys(expected).sort(), asExpected: true },
  };
}

const MIRROR = `filters: [{ type: RequestMirror, requestMirror: { backendRef: { group: gateway.envoyproxy.io, kind: Backend, name: server-1 } } }]
    backendRefs: [${ref('server-0', 1)}]`;

/** Without what has a row of its own. */
function but({ line, fields }: ReturnType<typeof received>) {
  return {
    line,
    fields: fields.filter(text => !/^(x-forwarded-for|x-envoy-internal|content-length|transfer)/.test(text)),
  };
}

function mirrored(name: string, request: string, mirror: Script = named('mirror')): Scenario {
  return {
    name: `mirror: ${name}`,
    manifests: route(MIRROR),
    upstreams: () => [
      async got => {
        await got.body();
        got.wire.write(answer('main'));
      },
      mirror,
    ],
    run: async ({ send, upstreams }) => {
      const response = await send(request);
      await eventually(2000, 'the copy', () => upstreams[1]!.requests.length === 1);
      const [main, copy] = [await upstreams[0]!.request(0), await upstreams[1]!.request(0)];
      // A mirror may go on working; it counts until it ends.
      await upstreams[1]!.close();
      return { body: response.body, main: but(received(main)), copy: but(received(copy)) };
    },
  };
}

/** How requests are shared among backends, and copied. */
export const TRAFFIC: readonly Scenario[] = [
  shares('3 to 1', `${ref('server-0', 3)}, ${ref('server-1', 1)}`, { zero: 3, one: 1 }),
  shares('one is 0', `${ref('server-0', 1)}, ${ref('server-1', 0)}`, { zero: 1 }),
  shares('three of them', `${ref('server-0', 5)}, ${ref('server-1', 3)}, ${ref('server-2', 2)}`, {
    zero: 5,
    one: 3,
    two: 2,
  }),
  shares('a share of a backend that is not there: 500', `${ref('server-0', 2)}, ${ref('none', 1)}`, {
    zero: 2,
    500: 1,
  }),
  shares(
    'a share of a Service without endpoints: 503',
    `${ref('server-0', 2)}, { name: empty, port: 80, weight: 1 }`,
    { zero: 2, 503: 1 },
  ),
  shares('two rules of one backend', `${ref('server-0', 1)}, ${ref('server-0', 1)}`, { zero: 2 }),
  {
    name: 'all weights 0: 500',
    manifests: route(`backendRefs: [${ref('server-0', 0)}]`),
    run: async ({ send }) => (await send(GET)).status,
    gives: 500,
  },
  {
    name: 'a Service without endpoints: 503',
    manifests: route('backendRefs: [{ name: empty, port: 80 }]'),
    run: async ({ send }) => {
      const { status, body } = await send(GET);
      return [status, body];
    },
    gives: [503, 'no healthy upstream'],
  },
  mirrored('a request without a body', GET),
  mirrored('a request with a body', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello'),
  mirrored(
    'a chunked body',
    'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ),
  mirrored(
    'a body of 2 MB',
    `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2000000\r\n\r\n${'x'.repeat(2_000_000)}`,
  ),
  mirrored('a mirror that fails is nobody else’s concern', GET, ({ wire }) => wire.reset()),
  mirrored('a mirror that never answers holds nothing up', GET, () => {}),
  {
    name: 'mirror: who the copy comes from',
    manifests: route(MIRROR),
    upstreams: () => [named('main'), named('mirror')],
    run: async ({ send, upstreams }) => {
      await send(GET);
      await eventually(2000, 'the copy', () => upstreams[1]!.requests.length === 1);
      const { head } = await upstreams[1]!.request(0);
      return {
        addresses: field(head, 'x-forwarded-for')?.split(',').length,
        ...pick(head, 'x-envoy-internal'),
      };
    },
    differs: {
      why: 'Envoy sends the copy as a client of its own, and adds its address.',
      embedded: { addresses: 1 },
      envoy: { addresses: 2, 'x-envoy-internal': 'true' },
    },
  },
  {
    name: 'mirror: how a body without a length is sent',
    manifests: route(MIRROR),
    upstreams: () => [named('main'), named('mirror')],
    run: async ({ send, upstreams }) => {
      await send('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n');
      await eventually(2000, 'the copy', () => upstreams[1]!.requests.length === 1);
      return pick((await upstreams[0]!.request(0)).head, 'content-length', 'transfer-encoding');
    },
    differs: {
      why: 'The embedded plane has read it whole before it sends both, and says its length; Envoy sends both as it comes.',
      embedded: { 'content-length': '5' },
      envoy: { 'transfer-encoding': 'chunked' },
    },
  },
  {
    name: 'several endpoints share the load',
    manifests: plainRoute(),
    upstreams: () => [named('a'), named('b')],
    run: async ({ send, upstreams }) => {
      for (let i = 0; i < 40; i++) await send(GET);
      return upstreams.every(({ requests }) => requests.length >= 5);
    },
    gives: true,
  },
];
