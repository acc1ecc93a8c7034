import { plainRoute, poolRoute } from '../../proxy/support/manifests.ts';
import { field, readResponse } from '../../proxy/support/message.ts';
import { answer } from '../../proxy/support/upstream.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered, brief, pick, received } from '../support/seen.ts';

const DATE = 'Tue, 15 Nov 1994 08:12:31 GMT';
const asked = (...fields: string[]) =>
  `GET / HTTP/1.1\r\nhost: a\r\n${fields.map(f => `${f}\r\n`).join('')}\r\n`;

/** What the upstream gets of a request. */
function request(name: string, text: string, manifests = plainRoute()): Scenario {
  return {
    name: `request headers: ${name}`,
    manifests,
    run: async ({ send, upstream }) => {
      const { status } = await send(text);
      const [first] = upstream.requests;
      return first === undefined ? status : received(first);
    },
  };
}

/** What the client gets of an answer. */
function response(name: string, text: string, manifests = plainRoute(), ask = asked()): Scenario {
  return {
    name: `response headers: ${name}`,
    manifests,
    upstreams: () => [
      ({ wire }) => {
        wire.write(text);
        if (!/content-length|chunked/.test(text)) wire.socket.end();
      },
    ],
    run: async ({ send }) => answered(await send(ask)),
  };
}

const filters = (kind: string, field: string, text: string) =>
  plainRoute({ rule: `filters: [{ type: ${kind}, ${field}: ${text} }]` });
const ORDER = `filters:
- { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-a, value: rule }], add: [{ name: x-b, value: rule }], remove: [x-c] } }
- { type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x-a, value: rule }], remove: [x-c] } }
backendRefs:
- group: gateway.envoyproxy.io
  kind: Backend
  name: servers
  filters:
  - { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-a, value: backend }], add: [{ name: x-b, value: backend }, { name: x-c, value: backend }] } }
  - { type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: x-a, value: backend }], add: [{ name: x-c, value: backend }] } }`;

const twoLevels = (port: number, upstreams: Parameters<ReturnType<typeof plainRoute>>[1]) =>
  plainRoute()(port, upstreams).replace(
    / {2}- backendRefs: .*\n/,
    `  - ${ORDER.replaceAll('\n', '\n    ')}\n`,
  );

/** What the client is told where a backend says a status that is none, or a rare one. */
function withStatus(status: string): Scenario {
  return {
    name: `an answer whose status is ${status}`,
    upstreams: () => [({ wire }) => void wire.write(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`)],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(asked('connection: close'));
      return (await client.readUntil('\r\n\r\n')).split(' ')[1];
    },
  };
}

/** Which headers pass, which are added, which are taken away. */
export const HEADERS: readonly Scenario[] = [
  request('a plain request', asked('accept: */*', 'x-a: b')),
  request('names in lower case, values as they came', asked('X-Mixed-Case:   Some  Value  ', 'x-empty:')),
  request('a repeated header', asked('x-a: 1', 'x-b: 2', 'x-a: 3')),
  request('x-forwarded-for is added to', asked('x-forwarded-for: 1.2.3.4')),
  request('x-forwarded-for in two lines', asked('x-forwarded-for: 1.2.3.4', 'x-forwarded-for: 5.6.7.8')),
  request('x-forwarded-proto is replaced', asked('x-forwarded-proto: https')),
  request(
    'x-forwarded-host, -port and forwarded pass',
    asked('x-forwarded-host: b', 'x-forwarded-port: 1', 'forwarded: for=b'),
  ),
  request("x-request-id is the gateway's own", asked('x-request-id: mine')),
  request(
    'hop-by-hop headers stop here',
    asked('connection: keep-alive, x-a', 'x-a: b', 'keep-alive: timeout=5', 'proxy-connection: keep-alive'),
  ),
  request('te', asked('te: gzip')),
  request('te: trailers', asked('te: trailers', 'connection: te')),
  request('proxy-authorization and proxy-authenticate', asked('proxy-authorization: Basic x')),
  request(
    'the destination of a pick cannot be said by a client',
    asked('x-gateway-destination-endpoint: 10.0.0.1:80'),
  ),
  request("Breakwater's own headers stop here", asked('x-breakwater-explain: 1', 'x-breakwater-anything: 2')),
  request(
    'user-agent, cookies and authorization pass',
    asked('user-agent: x', 'cookie: a=b', 'cookie: c=d', 'authorization: Bearer x'),
  ),
  request('underscores in a name', asked('x_a: b')),
  request('an empty path and a query', 'GET /?a=b#c HTTP/1.1\r\nhost: a\r\n\r\n'),
  request(
    'the host of an absolute target counts',
    'GET http://b.example.com:81/x?y HTTP/1.1\r\nhost: a\r\n\r\n',
  ),
  request('POST without a body', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n'),
  request('POST without a length', 'POST / HTTP/1.1\r\nhost: a\r\n\r\n'),
  request('GET with length 0', asked('content-length: 0')),
  request(
    'set, add, remove',
    asked('x-a: client', 'x-b: client', 'x-c: client'),
    filters(
      'RequestHeaderModifier',
      'requestHeaderModifier',
      '{ set: [{ name: X-A, value: set }], add: [{ name: x-b, value: "100%" }], remove: [X-C] }',
    ),
  ),
  request(
    'set to what would be a command for Envoy',
    asked(),
    filters(
      'RequestHeaderModifier',
      'requestHeaderModifier',
      '{ set: [{ name: x-a, value: "%REQ(host)% %% 100% %" }], add: [{ name: x-b, value: "%DOWNSTREAM_REMOTE_ADDRESS%" }] }',
    ),
  ),
  request(
    'modifiers of a rule and of its backend',
    asked('x-a: client', 'x-b: client', 'x-c: client'),
    twoLevels,
  ),
  request(
    'a removed header that is added by the gateway',
    asked(),
    filters('RequestHeaderModifier', 'requestHeaderModifier', '{ remove: [x-forwarded-for, x-request-id] }'),
  ),
  response(
    'a plain answer',
    answer('ok', 'content-type: text/plain', 'X-A: b', 'server: mine', 'date: Mon, 01 Jan 2024 00:00:00 GMT'),
  ),
  response('no date', answer('ok')),
  response(
    'repeated headers and cookies',
    answer('ok', 'set-cookie: a', 'set-cookie: b', 'x-a: 1', 'x-a: 2'),
  ),
  response(
    'hop-by-hop headers stop here',
    answer('ok', 'connection: keep-alive', 'keep-alive: timeout=5', 'proxy-connection: x'),
  ),
  response('x-request-id of the backend', answer('ok', 'x-request-id: theirs')),
  response(
    'set, add, remove',
    answer('ok', 'x-a: server', 'x-b: server', 'x-c: server'),
    filters(
      'ResponseHeaderModifier',
      'responseHeaderModifier',
      '{ set: [{ name: X-A, value: set }], add: [{ name: x-b, value: added }], remove: [X-C] }',
    ),
  ),
  response(
    'set to what would be a command for Envoy',
    answer('ok'),
    filters(
      'ResponseHeaderModifier',
      'responseHeaderModifier',
      '{ set: [{ name: x-a, value: "%RESPONSE_CODE% %% 5%" }] }',
    ),
  ),
  response(
    'modifiers of a rule and of its backend',
    answer('ok', 'x-a: server', 'x-b: server', 'x-c: server'),
    twoLevels,
  ),
  response('204', 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nx-a: b\r\n\r\n'),
  response('304 with a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\netag: x\r\n\r\n'),
  response(
    'HEAD with a length',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n',
    plainRoute(),
    'HEAD / HTTP/1.1\r\nhost: a\r\n\r\n',
  ),
  response('a body that the end of the connection ends', 'HTTP/1.1 200 OK\r\nx-a: b\r\n\r\nall of it'),
  response(
    'a chunked body with trailers',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-t\r\n\r\n3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n',
  ),
  response('1xx before the answer', `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${answer('ok')}`),
  {
    name: 'a client that says connection: close is answered so and closed',
    run: async ({ connect }) => {
      const client = await connect();
      client.write(asked('connection: close'));
      const got = await readResponse(client);
      return { ...pick(got, 'connection'), rest: await client.readToEnd() };
    },
  },
  {
    name: 'a request id: a UUID of version 4, the same for both sides',
    run: async ({ send, upstream }) => {
      const id = field(await send(asked()), 'x-request-id') ?? '';
      const { head } = await upstream.request(0);
      return [
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id),
        field(head, 'x-request-id') === id,
      ];
    },
    gives: [true, true],
  },
  {
    name: 'a method that nobody has registered',
    run: async ({ send }) => (await send('FROB / HTTP/1.1\r\nhost: a\r\n\r\n')).status,
    differs: {
      why: "Envoy's parser has a list of methods; the embedded plane takes any token (RFC 9110 section 9.1).",
      embedded: 200,
      envoy: 400,
    },
  },
  {
    name: "the phrase of a backend's status",
    upstreams: () => [({ wire }) => void wire.write('HTTP/1.1 299 Whatever\r\ncontent-length: 0\r\n\r\n')],
    run: async ({ send }) => (await send(asked())).line,
    differs: {
      why: 'Reason phrases mean nothing (RFC 9112 section 4); Envoy has a list of its own.',
      embedded: 'HTTP/1.1 299 Whatever',
      envoy: 'HTTP/1.1 299 Unknown',
    },
  },
  ...['600', '999', '20x', '-20'].map(status => withStatus(status)),
  ...['000', '099', '101', '1000'].map(
    (status): Scenario => ({
      ...withStatus(status),
      differs: {
        why: 'It is no status of an answer (RFC 9110 section 15); nobody has asked for 101. Envoy passes the number on.',
        embedded: '502',
        envoy: String(Number(status)),
      },
    }),
  ),
  {
    name: "a header that a backend's Connection names",
    upstreams: () => [({ wire }) => void wire.write(answer('ok', 'connection: keep-alive, x-a', 'x-a: b'))],
    run: async ({ send }) => pick(await send(asked()), 'x-a'),
    differs: {
      why: 'It is for one hop (RFC 9110 section 7.6.1); Envoy drops such headers of requests only.',
      embedded: {},
      envoy: { 'x-a': 'b' },
    },
  },
  ...['content-length', 'content-type, close', 'date'].map(
    (named): Scenario => ({
      name: `an answer whose Connection names ${named} keeps its framing and what is for all recipients`,
      upstreams: () => [
        ({ wire }) =>
          void wire.write(answer('ok', `connection: ${named}`, 'content-type: text/x-a', `date: ${DATE}`)),
      ],
      run: async ({ send }) => pick(await send(asked()), 'content-length', 'content-type', 'date'),
      gives: { 'content-length': '2', 'content-type': 'text/x-a', date: DATE },
    }),
  ),
  ...[plainRoute(), poolRoute()].map(
    (manifests, i): Scenario => ({
      name: `a backend that speaks in the name of the gateway, ${i === 0 ? 'of a Service' : 'of a pool'}`,
      manifests,
      upstreams: () => [
        ({ wire }) =>
          void wire.write(
            answer('no', 'x-breakwater-reason: made-up', 'x-envoy-overloaded: true', 'x-a: b').replace(
              '200 OK',
              '503 X',
            ),
          ),
      ],
      run: async ({ send }) => {
        const response = await send(asked());
        const names = response.fields
          .map(([name]) => name)
          .filter(name => !/service-time|^date$|request-id/.test(name));
        return [brief(response), names.sort()];
      },
      gives: ['503 no', ['content-length', 'x-a']],
    }),
  ),
];
