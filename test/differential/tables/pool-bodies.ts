import { poolRoute } from '../../proxy/support/manifests.ts';
import { readHead, readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief, pick } from '../support/seen.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
function completion(json: unknown, more = ''): string {
  const body = typeof json === 'string' ? json : JSON.stringify(json);
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
}

const echo: Script = async request => {
  const { body } = await request.body();
  request.wire.write(answer(body));
};

/** Bodies on their way to pools, which are read whole. */
export const POOL_BODIES: readonly Scenario[] = [
  {
    name: 'pool: a WebSocket',
    manifests: poolRoute(),
    upstreams: () => [
      async ({ wire }) => {
        wire.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n');
        while (!wire.ended) wire.write(await wire.readSome());
      },
    ],
    run: async ({ connect }) => {
      const client = await connect();
      client.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
      const { line } = await readHead(client);
      client.write('ping');
      return [line, String(await client.read(4))];
    },
    gives: ['HTTP/1.1 101 Switching Protocols', 'ping'],
  },
  {
    name: 'pool: a WebSocket is not asked for with a body, which would pass by models and criticality',
    manifests: poolRoute(),
    upstreams: () => [echo],
    run: async ({ send, upstream }) => {
      const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\n';
      const post = await send(completion({ model: 'nobody has it' }, upgrade));
      const get = await send(`GET / HTTP/1.1\r\nhost: a\r\n${upgrade}content-length: 2\r\n\r\n{}`);
      return [post.line, get.line, upstream.requests.length];
    },
    gives: ['HTTP/1.1 400 Bad Request', 'HTTP/1.1 400 Bad Request', 0],
  },
  {
    name: 'pool: a chunked body',
    manifests: poolRoute(),
    upstreams: () => [echo],
    run: async ({ send, upstream }) => {
      const json = '{"model":"model-a"}';
      const response = await send(
        `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`,
      );
      return [brief(response), pick((await upstream.request(0)).head, 'content-length', 'transfer-encoding')];
    },
    differs: {
      why: 'Both have read it whole; the embedded plane then says its length.',
      embedded: ['200 {"model":"model-a"}', { 'content-length': '19' }],
      envoy: ['200 {"model":"model-a"}', { 'transfer-encoding': 'chunked' }],
    },
  },
  {
    name: 'pool: expect: 100-continue',
    manifests: poolRoute(),
    upstreams: () => [echo],
    run: async ({ connect }) => {
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n');
      const interim = await client.readUntil('\r\n\r\n');
      client.write('{}');
      return [interim, brief(await readResponse(client))];
    },
    gives: ['HTTP/1.1 100 Continue\r\n\r\n', '200 {}'],
  },
  {
    name: 'pool: what is over the limit is refused before its body has come',
    manifests: poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' }),
    upstreams: () => [() => {}],
    run: async ({ connect, upstream }) => {
      const [one, two] = [await connect(), await connect()];
      one.write(GET);
      await upstream.request(0);
      two.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n');
      return (await readResponse(two)).status;
    },
    gives: 503,
  },
  {
    name: 'pool: HEAD and OPTIONS',
    manifests: poolRoute(),
    run: async ({ send }) => [
      (await send('HEAD / HTTP/1.1\r\nhost: a\r\n\r\n')).line,
      brief(await send('OPTIONS / HTTP/1.1\r\nhost: a\r\n\r\n')),
    ],
  },
  {
    name: 'pool: a body of 5 MB',
    manifests: poolRoute(),
    upstreams: () => [
      async request => {
        const { body } = await request.body();
        request.wire.write(answer(String(body.length)));
      },
    ],
    run: async ({ send }) =>
      brief(await send(completion({ model: 'model-a', prompt: 'x'.repeat(5_000_000) }))),
  },
];
