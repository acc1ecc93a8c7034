import { createHash } from 'node:crypto';
import { plainRoute } from '../../proxy/support/manifests.ts';
import { field, readChunk, readHead, readResponse } from '../../proxy/support/message.ts';
import { answer, echo, type Script } from '../../proxy/support/upstream.ts';
import { WireEnded } from '../../proxy/support/wire.ts';
import { eventually } from '../../proxy/support/within.ts';
import { ALL_EVENTS, Events } from '../support/events.ts';
import type { Scenario } from '../support/scenario.ts';
import { answered, brief, received } from '../support/seen.ts';
import { FORBIDDEN_TRAILERS } from './event-streams.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const post = (fields: string, body = '') => `POST / HTTP/1.1\r\nhost: a\r\n${fields}\r\n${body}`;
const MEGABYTE = 1024 * 1024;
const LARGE = 100;

/** Reads a body of this many bytes and answers with its hash. */
const hashed: Script = async ({ wire, head }) => {
  const hash = createHash('sha256');
  let left = Number(field(head, 'content-length'));
  while (left > 0) {
    const bytes = await wire.read(Math.min(left, MEGABYTE));
    left -= bytes.length;
    hash.update(bytes);
  }
  wire.write(answer(hash.digest('hex')));
};

const pattern = Buffer.alloc(MEGABYTE, '0123456789abcdef');

const events = { current: new Events() };

/** Bodies, events, connections. */
export const STREAMS: readonly Scenario[] = [
  {
    name: 'a body with a length arrives as it is',
    upstreams: () => [echo],
    run: async ({ send, upstream }) => {
      const response = await send(post('content-length: 5\r\n', 'hello'));
      return [answered(response), received(await upstream.request(0))];
    },
  },
  {
    name: 'a chunked body arrives in chunks',
    upstreams: () => [echo],
    run: async ({ send, upstream }) => {
      const chunks = '3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\n\r\n';
      const response = await send(post('transfer-encoding: chunked\r\n', chunks));
      return [answered(response), received(await upstream.request(0))];
    },
  },
  {
    name: 'trailers of a request',
    upstreams: () => [
      async request => {
        const { trailers } = await request.body();
        request.wire.write(answer(trailers.join(',')));
      },
    ],
    run: async ({ send }) =>
      brief(await send(post('transfer-encoding: chunked\r\n', '1\r\na\r\n0\r\nx-t: 1\r\n\r\n'))),
    gives: '200 x-t: 1',
  },
  {
    name: 'trailers of a request that speak for the gateway, or say what only a head may say, are left out',
    upstreams: () => [
      async request => {
        const { trailers } = await request.body();
        request.wire.write(answer(trailers.join(',')));
      },
    ],
    run: async ({ send }) => {
      const trailers = ['x-t: 1', ...FORBIDDEN_TRAILERS].map(line => `${line}\r\n`).join('');
      return brief(await send(post('transfer-encoding: chunked\r\n', `1\r\na\r\n0\r\n${trailers}\r\n`)));
    },
    gives: '200 x-t: 1',
  },
  {
    name: `a request of ${LARGE} MB`,
    upstreams: () => [hashed],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(post(`content-length: ${LARGE * MEGABYTE}\r\n`));
      for (let i = 0; i < LARGE; i++) await client.writeAll(pattern);
      return (await readResponse(client)).body;
    },
  },
  {
    name: `an answer of ${LARGE} MB`,
    upstreams: () => [
      async ({ wire }) => {
        wire.write(`HTTP/1.1 200 OK\r\ncontent-length: ${LARGE * MEGABYTE}\r\n\r\n`);
        for (let i = 0; i < LARGE; i++) await wire.writeAll(pattern);
      },
    ],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(GET);
      await readHead(client);
      const hash = createHash('sha256');
      for (let i = 0; i < LARGE; i++) hash.update(await client.read(MEGABYTE));
      return hash.digest('hex');
    },
  },
  {
    name: 'server-sent events arrive one by one',
    upstreams: () => {
      events.current = new Events();
      return [events.current.script];
    },
    run: scene => events.current.read(scene, GET),
    gives: ALL_EVENTS,
  },
  ...(['text/event-stream', 'text/event-stream\r\ncontent-encoding: gzip'] as const).map(
    (type): Scenario => ({
      name: `half an event passes before its rest is there: ${type.replace('\r\n', ', ')}`,
      upstreams: () => [
        async ({ wire }) => {
          wire.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`);
          wire.write('5\r\ndata:\r\n');
          await wire.readUntil('seen');
          wire.write('4\r\n 1\n\n\r\n0\r\n\r\n');
        },
      ],
      run: async ({ connect }) => {
        const client = await connect();
        client.write(post('content-length: 4\r\n'));
        await readHead(client);
        const half = await readChunk(client);
        client.write('seen');
        return [half, await readChunk(client)];
      },
      gives: ['data:', ' 1\n\n'],
    }),
  ),
  {
    name: 'events that break off',
    upstreams: () => [
      ({ wire }) => {
        wire.write(
          'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
        );
        wire.write('9\r\ndata: 1\n\n\r\n');
        wire.socket.end();
      },
    ],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(GET);
      await readHead(client);
      return /event: error/.test(await client.readToEnd());
    },
    differs: {
      why: 'The embedded plane tells a client of events, by a last event, that its model server broke off; Envoy only ends the connection.',
      embedded: true,
      envoy: false,
    },
  },
  ...(['content-length: 10\r\n\r\n01234', 'transfer-encoding: chunked\r\n\r\n5\r\n01234\r\n'] as const).map(
    (rest): Scenario => ({
      name: `an answer that ends early is broken off: ${rest.split('\r')[0]}`,
      upstreams: () => [
        ({ wire }) => {
          wire.write(`HTTP/1.1 200 OK\r\n${rest}`);
          wire.socket.end();
        },
      ],
      run: async ({ connect }) => {
        const client = await connect();
        client.write(GET);
        return readResponse(client).then(
          () => 'whole',
          error => error instanceof WireEnded && 'broken off',
        );
      },
      gives: 'broken off',
    }),
  ),
  {
    name: 'expect: 100-continue is answered here',
    upstreams: () => [echo],
    run: async ({ connect, upstream }) => {
      const client = await connect();
      client.write(post('content-length: 2\r\nexpect: 100-continue\r\n'));
      const interim = await client.readUntil('\r\n\r\n');
      client.write('ok');
      const response = await readResponse(client);
      return [interim, brief(response), field((await upstream.request(0)).head, 'expect')];
    },
    gives: ['HTTP/1.1 100 Continue\r\n\r\n', '200 ok', undefined],
  },
  {
    name: 'many requests on one connection',
    run: async ({ connect, upstream }) => {
      const client = await connect();
      const seen: string[] = [];
      for (let i = 0; i < 5; i++) {
        client.write(GET);
        seen.push(brief(await readResponse(client)));
      }
      return [seen, upstream.connections];
    },
    gives: [['200 ok', '200 ok', '200 ok', '200 ok', '200 ok'], 1],
  },
  {
    name: 'pipelined requests are answered in order',
    upstreams: () => [({ wire, head }) => void wire.write(answer(head.line.split(' ')[1] ?? ''))],
    run: async ({ connect }) => {
      const client = await connect();
      client.write([1, 2, 3, 4].map(i => `GET /${i} HTTP/1.1\r\nhost: a\r\n\r\n`).join(''));
      const seen: string[] = [];
      for (let i = 0; i < 4; i++) seen.push(brief(await readResponse(client)));
      return seen;
    },
    gives: ['200 /1', '200 /2', '200 /3', '200 /4'],
  },
  {
    name: 'pipelined requests that have no route',
    manifests: plainRoute({ hostnames: ['b.example.com'] }),
    run: async ({ connect, send }) => {
      const client = await connect();
      client.write(GET.repeat(4));
      const answered = () => client.unread.split('HTTP/1.1 404').length - 1;
      await eventually(5000, 'two answers', () => answered() >= 2);
      // Whoever would answer the rest by itself has done so before it answers these, which come later.
      for (let i = 0; i < 5; i++) await send(GET);
      return answered();
    },
    differs: {
      why: 'Envoy answers two requests of one read by itself, and looks at the rest when more bytes come.',
      embedded: 4,
      envoy: 2,
    },
  },
  {
    name: 'HTTP/2 without TLS, from a client that begins with it',
    run: async ({ connect }) => {
      const client = await connect();
      client.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
      const first = (await client.readSome()).toString('latin1');
      return first.startsWith('HTTP/1.1 ') ? first.slice(9, 12) : 'HTTP/2';
    },
    differs: { why: 'The embedded plane speaks HTTP/1.1 only.', embedded: '426', envoy: 'HTTP/2' },
  },
  {
    name: 'a client that leaves frees the backend',
    upstreams: () => [() => {}],
    run: async ({ connect, upstream }) => {
      const client = await connect();
      client.write(GET);
      await upstream.request(0);
      client.destroy();
      await eventually(1000, 'the connection to be closed', () => upstream.open.size === 0);
      return 'closed';
    },
    gives: 'closed',
  },
  {
    name: 'a client that leaves in the middle of its body',
    upstreams: () => [() => {}],
    run: async ({ connect, upstream }) => {
      const client = await connect();
      client.write(post('content-length: 10\r\n', '01234'));
      await upstream.request(0);
      client.destroy();
      await eventually(1000, 'the connection to be closed', () => upstream.open.size === 0);
      return 'closed';
    },
    gives: 'closed',
  },
  {
    name: 'a client that ends its side',
    upstreams: () => [() => {}],
    run: async ({ connect, upstream }) => {
      const client = await connect();
      client.write(GET);
      await upstream.request(0);
      client.socket.end();
      await client.untilEnded(2000);
      await eventually(1000, 'the connection to be closed', () => upstream.open.size === 0);
      return client.unread;
    },
    gives: '',
  },
  {
    name: 'an answer before the body has come',
    upstreams: () => [({ wire }) => void wire.write(answer('early'))],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(post('content-length: 10\r\n', '01234'));
      return brief(await readResponse(client));
    },
    gives: '200 early',
  },
];
