import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { readHead, readResponse } from './support/message.ts';
import { answer, echo } from './support/upstream.ts';
import { WireEnded } from './support/wire.ts';
import { eventually } from './support/within.ts';

const gateway = useGateway();
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const BEFORE_HEADERS = 'upstream connect error or disconnect/reset before headers. reset reason: ';

const NO_RESPONSES: readonly (readonly [name: string, bytes: string])[] = [
  ['garbage', 'blah blah\r\n\r\n'],
  ['TLS', '\x15\x03\x01\x00\x02\x02\x0a\r\n\r\n'],
  ['a status that is no number', 'HTTP/1.1 2xx OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
  [
    'length and chunked',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
  ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
  ['another transfer coding', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n'],
  ['bare LF', 'HTTP/1.1 200 OK\ncontent-length: 0\n\n'],
  ['obs-fold', 'HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\ncontent-length: 0\r\n\r\n'],
  ['NUL', 'HTTP/1.1 200 OK\r\nx-a: \0\r\ncontent-length: 0\r\n\r\n'],
  ['a head of 70 KB', `HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(70_000)}\r\ncontent-length: 0\r\n\r\n`],
  ['101 fields', `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(100)}content-length: 0\r\n\r\n`],
  [
    'an upgrade that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
  ],
  ['a flood of 1xx', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1000)],
];

for (const [name, bytes] of NO_RESPONSES) {
  test(`${name} for a response: 502, and the client's connection goes on`, () =>
    gateway.serve(
      ({ wire, index }) => void wire.write(index === 0 ? bytes : answer('ok')),
      async ({ connect }) => {
        const client = await connect();
        client.write(GET);
        const response = await readResponse(client);
        assert.equal(response.status, 502);
        assert.equal(response.body, `${BEFORE_HEADERS}protocol error`);
        client.write(GET);
        assert.equal((await readResponse(client)).body, 'ok');
      },
    ));
}

for (const [name, bytes] of [
  ['nothing', ''],
  ['half a head', 'HTTP/1.1 200 OK\r\nconte'],
  ['1xx alone', 'HTTP/1.1 100 Continue\r\n\r\n'],
] as const) {
  for (const how of ['ends', 'resets'] as const) {
    test(`an upstream that says ${name} and ${how}: 503`, () =>
      gateway.serve(
        async ({ wire }) => {
          wire.write(bytes);
          if (how === 'ends') wire.socket.end();
          else wire.reset();
        },
        async ({ send }) => {
          const response = await send(GET);
          assert.equal(response.status, 503);
          assert.equal(response.body, `${BEFORE_HEADERS}connection termination`);
        },
      ));
  }
}

for (const [name, head, part] of [
  ['a body with a length', 'content-length: 10\r\n', '01234'],
  ['a chunk', 'transfer-encoding: chunked\r\n', 'a\r\n01234'],
  ['a chunked body between two chunks', 'transfer-encoding: chunked\r\n', '5\r\n01234\r\n'],
  ['a chunked body before its last line', 'transfer-encoding: chunked\r\n', '5\r\n01234\r\n0\r\n'],
  ['a chunked body that goes on with garbage', 'transfer-encoding: chunked\r\n', '5\r\n01234\r\nxyz\r\n'],
] as const) {
  test(`${name} that ends early is broken off for the client, never ended as if whole`, () =>
    gateway.serve(
      ({ wire }) => {
        wire.write(`HTTP/1.1 200 OK\r\n${head}\r\n${part}`);
        wire.socket.end();
      },
      async ({ connect }) => {
        const client = await connect();
        client.write(GET);
        await assert.rejects(readResponse(client), WireEnded);
        assert.doesNotMatch(client.unread, /0\r\n\r\n$/);
      },
    ));
}

test('an upstream that resets while its body is ended by closing breaks the client off too', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\n\r\n01234');
      await wire.untilMore();
      wire.reset();
    },
    async ({ connect, upstream }) => {
      const client = await connect();
      client.write(GET);
      await readHead(client);
      await client.readUntil('01234');
      for (const wire of upstream.open) wire.reset();
      assert.doesNotMatch(await client.readToEnd(), /0\r\n\r\n$/);
    },
  ));

test('bytes after a response are no response to the next request', () =>
  gateway.serve(
    ({ wire, index }) => {
      wire.write(index === 0 ? `${answer('one')}${answer('forged')}` : answer('two'));
    },
    async ({ connect, upstream }) => {
      const client = await connect();
      client.write(GET.repeat(2));
      assert.equal((await readResponse(client)).body, 'one');
      assert.equal((await readResponse(client)).body, 'two');
      assert.equal(upstream.connections, 2);
    },
  ));

test('an idle connection on which the upstream speaks is closed', () =>
  gateway.serve(echo, async ({ send, upstream }) => {
    await send(GET);
    for (const wire of upstream.open) wire.write(answer('forged'));
    await eventually(1000, 'the connection to be closed', () => upstream.open.size === 0);
    assert.equal((await send(GET)).body, '');
  }));

test('an upstream that closes its connection after each answer serves them all', () =>
  gateway.serve(
    ({ wire }) => {
      wire.write(answer('ok', 'connection: close'));
      wire.socket.end();
    },
    async ({ connect, upstream }) => {
      const client = await connect();
      for (let i = 0; i < 5; i++) {
        client.write(GET);
        assert.equal((await readResponse(client)).body, 'ok');
      }
      assert.equal(upstream.connections, 5);
    },
  ));

test('an upstream that answers before it has the body: the answer arrives', () =>
  gateway.serve(
    ({ wire }) => void wire.write(answer('early')),
    async ({ connect }) => {
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n01234');
      assert.equal((await readResponse(client)).body, 'early');
      client.write(`56789${GET}`);
      assert.equal((await readResponse(client)).body, 'early');
    },
  ));

test('nobody listens: 503 with the reason that Envoy gives', () =>
  gateway.serve(echo, async ({ send, upstream }) => {
    await upstream.close();
    const response = await send(GET);
    assert.equal(response.status, 503);
    assert.match(response.body, /^upstream connect error .* reset reason: remote connection failure/);
  }));
