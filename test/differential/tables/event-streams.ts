import { gzipSync } from 'node:zlib';
import { readChunk, readHead } from '../../proxy/support/message.ts';
import type { Script } from '../../proxy/support/upstream.ts';
import type { Wire } from '../../proxy/support/wire.ts';
import type { Scenario } from '../support/scenario.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n';
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Pieces, none of which is an event; each is sent when the client has the one before. */
function piecewise(pieces: readonly string[]): Pick<Scenario, 'upstreams' | 'run' | 'gives'> {
  return {
    upstreams: () => [
      async ({ wire }) => {
        wire.write(`${HEAD}\r\n`);
        for (const piece of pieces) {
          wire.write(chunk(piece));
          await wire.readUntil('.');
        }
        wire.write('0\r\n\r\n');
      },
    ],
    run: async ({ connect }) => {
      const client = await connect();
      client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${pieces.length}\r\n\r\n`);
      await readHead(client);
      const seen: string[] = [];
      for (const _ of pieces) {
        seen.push(await readChunk(client));
        client.write('.');
      }
      return [...seen, await readChunk(client)];
    },
    gives: [...pieces, ''],
  };
}

/** Sends these bytes as one chunk of events, and breaks off when the client has them. */
function breaksOff(fields: string, bytes: string): Script {
  return async ({ wire }) => {
    wire.write(`${HEAD}${fields}\r\n${chunk(bytes)}`);
    await wire.readUntil('.');
    wire.socket.end();
  };
}

function endsWith(fields: string, trailers: readonly string[]): Script {
  const lines = trailers.map(line => `${line}\r\n`).join('');
  return ({ wire }) => void wire.write(`${HEAD}${fields}\r\n${chunk('data: 1\n\n')}0\r\n${lines}\r\n`);
}

/** What comes after the chunk that the server has sent. */
async function untilItBreaksOff(client: Wire, sent: string): Promise<string> {
  client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n');
  await readHead(client);
  const got = await readChunk(client);
  if (got !== sent) return got;
  client.write('.');
  return client.readToEnd();
}

const COMPRESSED = gzipSync('data: 1\n\ndata: 2\n\n').toString('latin1').slice(0, -6);
/** What no trailer may say. */
export const FORBIDDEN_TRAILERS = [
  'x-breakwater-reason: a',
  'x-envoy-overloaded: true',
  'content-length: 1',
  'x-request-id: 1',
  'x-forwarded-for: 1.2.3.4',
  'proxy-status: x',
];

/** Events as a server cuts them, whole or not, coded or not. */
export const EVENT_STREAMS: readonly Scenario[] = [
  ...(
    [
      ['LF', '\n'],
      ['CR', '\r'],
      ['CRLF', '\r\n'],
    ] as const
  ).map(
    ([name, end]): Scenario => ({
      name: `events whose lines end in ${name}, in packets that end anywhere, pass as they come`,
      ...piecewise([
        ': a comment',
        end,
        'da',
        'ta: 1',
        end,
        end,
        `data: 2${end}`,
        end,
        `id: 3${end}data`,
        `: 3${end}${end}`,
      ]),
    }),
  ),
  {
    name: 'a CR and its LF in two packets, and a blank line that comes with the next event',
    ...piecewise(['data: 1\r', '\n\r', '\ndata: 2\r\n', '\r\ndata: 3\n', '\n']),
  },
  {
    name: 'compressed events that break off get nothing put into them',
    upstreams: () => [breaksOff('content-encoding: gzip\r\n', COMPRESSED)],
    run: async ({ connect }) => untilItBreaksOff(await connect(), COMPRESSED),
    gives: '',
  },
  {
    name: 'events that break off in the middle of one get nothing put into them',
    upstreams: () => [breaksOff('', 'data: 1\n\ndata: 2')],
    run: async ({ connect }) => {
      return untilItBreaksOff(await connect(), 'data: 1\n\ndata: 2');
    },
    gives: '',
  },
  {
    name: 'trailers of an answer that speak for the gateway, or say what only a head may say, are left out',
    upstreams: () => [endsWith('', ['x-t: 1', ...FORBIDDEN_TRAILERS])],
    run: async ({ send }) => (await send(GET)).trailers,
    gives: ['x-t: 1'],
  },
  {
    name: "a trailer that an answer's Connection names",
    upstreams: () => [endsWith('connection: x-hop\r\n', ['x-t: 1', 'x-hop: 2'])],
    run: async ({ send }) => (await send(GET)).trailers,
    differs: {
      why: 'It is for one hop (RFC 9110 section 7.6.1); Envoy lets it pass.',
      embedded: ['x-t: 1'],
      envoy: ['x-t: 1', 'x-hop: 2'],
    },
  },
];
