import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { readChunk, readHead } from './support/message.ts';
import type { Script } from './support/upstream.ts';
import type { Wire } from './support/wire.ts';

const gateway = useGateway();
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n';

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Reads chunks until the events in them are so many; what a client of events would see. */
async function readEvents(client: Wire, count: number): Promise<string> {
  let text = '';
  while (text.split('\n\n').length <= count) text += await readChunk(client);
  return text;
}

test('an event arrives before the next is made', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write(HEAD);
      for (let i = 0; i < 5; i++) {
        await wire.readUntil(`go ${i}\n`);
        wire.write(chunk(`data: ${i}\n\n`));
      }
      wire.write('0\r\n\r\n');
    },
    async ({ connect }) => {
      const client = await connect();
      client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 25\r\n\r\n`);
      await readHead(client);
      for (let i = 0; i < 5; i++) {
        client.write(`go ${i}\n`);
        assert.equal(await readEvents(client, 1), `data: ${i}\n\n`);
      }
      assert.equal(await client.readUntil('0\r\n\r\n'), '0\r\n\r\n');
    },
  ));

for (const [name, pieces] of [
  ['in one chunk', [chunk('data: 1\n\n')]],
  ['in two chunks', [chunk('data: '), chunk('1\n\n')]],
  ['with the empty line in two chunks', [chunk('data: 1\n'), chunk('\n')]],
  ['with CRLF', [chunk('data: 1\r\n\r\n')]],
  ['several at once', [chunk('data: 0\n\n') + chunk('data: 1\n\n')]],
  ['several in one chunk', [chunk('data: 0\n\ndata: 1\n\n')]],
] as const) {
  test(`an event ${name} arrives while the stream is open`, () =>
    gateway.serve(
      async ({ wire }) => {
        wire.write(HEAD);
        for (const piece of pieces) {
          wire.write(piece);
          await new Promise(resolve => setImmediate(resolve));
        }
        await wire.untilEnded();
      },
      async ({ connect }) => {
        const client = await connect();
        client.write(GET);
        await readHead(client);
        let text = '';
        while (!/data: 1\r?\n\r?\n$/.test(text)) text += await readChunk(client);
      },
    ));
}

test('comments and half lines of a stream that is no event stream are not held back', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write(
        `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n${chunk('half')}`,
      );
      await wire.untilEnded();
    },
    async ({ connect }) => {
      const client = await connect();
      client.write(GET);
      await readHead(client);
      assert.equal(await readChunk(client), 'half');
    },
  ));

const ends = ({ wire }: Parameters<Script>[0]) => void wire.socket.end();
const resets = ({ wire }: Parameters<Script>[0]) => wire.reset();

for (const [name, part] of [
  ['between two events', chunk('data: 1\n\n')],
  ['in a chunk size', `${chunk('data: 1\n\n')}2`],
  ['before its last line', `${chunk('data: 1\n\n')}0\r\n`],
] as const) {
  for (const [how, end] of [
    ['ends', ends],
    ['is reset', resets],
  ] as const) {
    test(`an event stream that ${how} ${name}: the client gets an error event, then its stream is broken off`, () =>
      gateway.serve(
        async request => {
          request.wire.write(HEAD + part);
          // The client has the first event before the end comes.
          await request.wire.readUntil('seen');
          await end(request);
        },
        async ({ connect }) => {
          const client = await connect();
          client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n');
          await readHead(client);
          assert.equal(await readEvents(client, 1), 'data: 1\n\n');
          client.write('seen');
          const event = await readEvents(client, 1);
          assert.match(event, /^event: error\ndata: \{.*\}\n\n$/);
          const { error } = JSON.parse(event.slice(event.indexOf('{')));
          assert.equal(error.code, 502);
          assert.equal(await client.readToEnd(), '');
        },
      ));
  }
}

for (const [name, part] of [
  ['in a chunk', '20\r\ndata: 2'],
  ['in an event, between two chunks', chunk('data: 2\n')],
  ['after the CR of a CRLF that ends a line', chunk('data: 2\r')],
] as const) {
  test(`an event stream that ends ${name}: what came is passed on, and nothing is put into it`, () =>
    gateway.serve(
      async ({ wire }) => {
        wire.write(HEAD + chunk('data: 1\n\n') + part);
        await wire.readUntil('seen');
        wire.socket.end();
      },
      async ({ connect }) => {
        const client = await connect();
        client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n');
        await readHead(client);
        await client.readUntil('data: 2');
        client.write('seen');
        assert.doesNotMatch(await client.readToEnd(), /event: error|0\r\n\r\n$/);
      },
    ));
}

test('a stream of events that is compressed passes as it comes, and no event is put into it', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write(HEAD.replace('text/', 'Text/').replace('\r\n\r\n', '\r\ncontent-encoding: gzip\r\n\r\n'));
      wire.write(chunk('half of a block'));
      await wire.readUntil('seen');
      wire.write(chunk('the rest\n\n'));
      wire.socket.end();
    },
    async ({ connect }) => {
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n');
      await readHead(client);
      assert.equal(await readChunk(client), 'half of a block');
      client.write('seen');
      assert.equal(await client.readToEnd(), chunk('the rest\n\n'));
    },
  ));

test('trailers of an answer are filtered like its headers', () =>
  gateway.serve(
    ({ wire }) => {
      wire.write(HEAD.replace('\r\n\r\n', '\r\nconnection: x-hop\r\n\r\n'));
      wire.write(
        `${chunk('data: 1\n\n')}0\r\nx-t: 1\r\nx-hop: 2\r\nx-breakwater-reason: made up\r\ncontent-length: 1\r\n\r\n`,
      );
    },
    async ({ send }) => assert.deepEqual((await send(GET)).trailers, ['x-t: 1']),
  ));

test('events of an upstream that ends its stream by closing arrive one by one', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n');
      await wire.readUntil('seen');
      wire.write('data: 2\n\n');
      wire.socket.end();
    },
    async ({ connect }) => {
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n');
      await readHead(client);
      assert.equal(await readEvents(client, 1), 'data: 1\n\n');
      client.write('seen');
      assert.equal(await readEvents(client, 1), 'data: 2\n\n');
      assert.equal(await client.readUntil('0\r\n\r\n'), '0\r\n\r\n');
    },
  ));

for (const [name, last, told] of [
  ['between two events', '', true],
  ['in an event', 'data: 2', false],
] as const) {
  test(`an event stream without chunks that is reset ${name}: the client is ${told ? '' : 'not '}told by an error event`, () =>
    gateway.serve(
      async ({ wire }) => {
        wire.write(`HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n${last}`);
        await wire.readUntil('seen');
        wire.reset();
      },
      async ({ connect }) => {
        const client = await connect();
        client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n');
        await readHead(client);
        assert.equal(await readChunk(client), `data: 1\n\n${last}`);
        client.write('seen');
        const rest = await client.readToEnd();
        assert.equal(rest.includes('event: error\ndata: '), told);
        assert.doesNotMatch(rest, /\r\n0\r\n\r\n$/);
      },
    ));
}
