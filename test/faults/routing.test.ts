import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../proxy/support/gateway.ts';
import { type Manifests, plainRoute, poolRoute } from '../proxy/support/manifests.ts';
import { field, readResponse } from '../proxy/support/message.ts';
import { eventually } from '../proxy/support/within.ts';
import { CHAT, inTurn, post } from './support/scripts.ts';

const gateway = useGateway({ workers: 2 });

/** One backend an upstream, and one that is not there; weights in that order. */
function weighted(weights: readonly number[]): Manifests {
  return (port, upstreams) => {
    const names = [...upstreams.map((_, i) => `backend-${i}`), 'not-there'];
    const refs = names.map(
      (name, i) => `{ group: gateway.envoyproxy.io, kind: Backend, name: ${name}, weight: ${weights[i]} }`,
    );
    const backends = upstreams.map(
      ({ address, port }, i) => `---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: backend-${i} }
spec: { endpoints: [{ ip: { address: ${address}, port: ${port} } }] }
`,
    );
    return plainRoute()(port, upstreams)
      .replace(/backendRefs: \[.*\]/, `backendRefs: [${refs.join(', ')}]`)
      .concat(backends.join(''));
  };
}

test('weights are kept, and a backend that is not there takes its own share as 500', () => {
  const weights = [5, 3, 2];
  return gateway.serveMany(
    [inTurn('0'), inTurn('1')],
    async ({ connect, upstreams }) => {
      const count = 1000;
      const seen = [0, 0, 0];
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const client = await connect();
          for (let i = 0; i < count / 10; i++) {
            client.write(CHAT);
            const { status, body } = await readResponse(client);
            seen[status === 200 ? Number(body) : 2]!++;
          }
        }),
      );
      const chiSquare = seen.reduce((sum, n, i) => {
        const expected = (count * weights[i]!) / 10;
        return sum + (n - expected) ** 2 / expected;
      }, 0);
      // Two degrees of freedom: more than this happens by chance once in 10,000 runs.
      assert.ok(chiSquare < 18.4, `${seen}`);
      assert.equal(upstreams[0]!.requests.length + upstreams[1]!.requests.length, seen[0]! + seen[1]!);
    },
    weighted(weights),
  );
});

test('a mirror gets a copy; what becomes of it is nobody’s concern, and its permit is given back', () => {
  const mirrored = (port: number, upstreams: Parameters<Manifests>[1]) => {
    const [main, ...others] = upstreams;
    const backends = others.map(
      ({ address, port }, i) => `---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: mirror-${i} }
spec: { endpoints: [{ ip: { address: ${address}, port: ${port} } }] }
`,
    );
    const filters = others.map(
      (_, i) =>
        `{ type: RequestMirror, requestMirror: { backendRef: { group: gateway.envoyproxy.io, kind: Backend, name: mirror-${i} } } }`,
    );
    return plainRoute({ rule: `filters: [${filters.join(', ')}]` })(port, [main!]).concat(backends.join(''));
  };
  return gateway.serveMany(
    [inTurn('main'), inTurn('mirror'), inTurn(500), inTurn('reset')],
    async ({ send, upstreams }) => {
      for (let i = 0; i < 5; i++) assert.equal((await send(CHAT)).body, 'main');
      await eventually(2000, 'all copies', () => upstreams.every(upstream => upstream.requests.length === 5));
      await upstreams[1]!.close();
      for (let i = 0; i < 5; i++) assert.equal((await send(CHAT)).body, 'main');
    },
    mirrored,
  );
});

test('a request that takes longer than its route allows: 504, whether the server hangs before or after its head', () =>
  gateway.serve(
    inTurn('hang', 'ok'),
    async ({ send }) => {
      const began = performance.now();
      const response = await send(CHAT);
      assert.deepEqual([response.status, response.body], [504, 'upstream request timeout']);
      assert.ok(performance.now() - began < 3000);
      assert.equal((await send(CHAT)).body, 'ok');
    },
    poolRoute({ rule: 'timeouts: { request: 100ms }' }),
  ));

test('fault injection aborts and delays', async () => {
  await gateway.serve(
    inTurn('ok'),
    async ({ send, upstream }) => {
      const response = await send(CHAT);
      assert.deepEqual([response.status, response.body], [418, 'fault filter abort']);
      assert.equal(upstream.requests.length, 0);
    },
    poolRoute({ policy: 'faultInjection: { abort: { httpStatus: 418, percentage: 100 } }' }),
  );
  await gateway.serve(
    inTurn('ok'),
    async ({ send }) => {
      const began = performance.now();
      assert.equal((await send(CHAT)).body, 'ok');
      assert.ok(performance.now() - began >= 100);
    },
    poolRoute({ policy: 'faultInjection: { delay: { fixedDelay: 101ms, percentage: 100 } }' }),
  );
});

test('a client that leaves while its request is delayed holds nothing', () =>
  gateway.serve(
    inTurn('ok'),
    async ({ connect, upstream }) => {
      const client = await connect();
      client.write(CHAT);
      client.destroy();
      assert.equal(upstream.requests.length, 0);
    },
    poolRoute({ policy: 'faultInjection: { delay: { fixedDelay: 10s, percentage: 100 } }' }),
  ));

test('a body over requestBuffer.limit is refused before it is read, one under it is served', () =>
  gateway.serve(
    inTurn('ok'),
    async ({ send, connect, upstream }) => {
      assert.equal((await send(post('x'.repeat(1000)))).body, 'ok');
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2000\r\n\r\n');
      assert.equal((await readResponse(client)).status, 413);
      assert.equal(upstream.requests.length, 1);
    },
    plainRoute({ policy: 'requestBuffer: { limit: 1Ki }' }),
  ));

test('paths are rewritten, headers are set, added and removed, on the way there and back', () =>
  gateway.serve(
    async ({ wire, body, head }) => {
      await body();
      const seen = [head.line, field(head, 'x-set'), field(head, 'x-gone'), field(head, 'host')].join('|');
      wire.write(`HTTP/1.1 200 OK\r\nx-secret: 1\r\ncontent-length: ${seen.length}\r\n\r\n${seen}`);
    },
    async ({ send }) => {
      const response = await send(post('{}', '/old/path?a=b', 'x-gone: 1', 'x-set: 0'));
      assert.equal(response.body, 'POST /new/path?a=b HTTP/1.1|1||models.example');
      assert.equal(field(response, 'x-secret'), undefined);
      assert.equal(field(response, 'x-added'), 'yes');
    },
    plainRoute({
      rule: `matches: [{ path: { type: PathPrefix, value: /old } }]
filters:
- { type: URLRewrite, urlRewrite: { hostname: models.example, path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } } }
- { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-set, value: "1" }], remove: [x-gone] } }
- { type: ResponseHeaderModifier, responseHeaderModifier: { add: [{ name: x-added, value: "yes" }], remove: [x-secret] } }`,
    }),
  ));
