import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { plainRoute, poolRoute } from './support/manifests.ts';
import { field, readBody, readChunk, readHead, readResponse } from './support/message.ts';
import { answer, echo } from './support/upstream.ts';

const gateway = useGateway();

const CHUNKED = 'transfer-encoding: chunked\r\n';

test('a chunked request arrives chunked, with its trailers', () =>
  gateway.serve(
    async request => {
      const { body, trailers } = await request.body();
      request.wire.write(answer(`${body}|${trailers.join()}`));
    },
    async ({ send, upstream }) => {
      const response = await send(
        `POST / HTTP/1.1\r\nhost: a\r\n${CHUNKED}\r\n3;note=x\r\nabc\r\n2\r\nde\r\n0\r\nx-sum: 5\r\n\r\n`,
      );
      assert.equal(response.body, 'abcde|x-sum: 5');
      const head = upstream.requests[0]?.head;
      assert.equal(head && field(head, 'transfer-encoding'), 'chunked');
    },
  ));

test('a chunked body without a chunk arrives', () =>
  gateway.serve(echo, async ({ send }) => {
    const response = await send(`POST / HTTP/1.1\r\nhost: a\r\n${CHUNKED}\r\n0\r\n\r\n`);
    assert.equal(response.body, '');
  }));

test('trailers that say what only a head may say are left out (RFC 9110 section 6.5.1)', () =>
  gateway.serve(
    async request => {
      const { trailers } = await request.body();
      request.wire.write(answer(trailers.join()));
    },
    async ({ send }) => {
      const trailers = [
        'Content-Length: 9',
        'x-a: 1',
        'X-Gateway-Destination-Endpoint: b:1',
        'x-breakwater-a: 1',
      ];
      const response = await send(
        `POST / HTTP/1.1\r\nhost: a\r\n${CHUNKED}\r\n0\r\n${trailers.map(line => `${line}\r\n`).join('')}\r\n`,
      );
      assert.equal(response.body, 'x-a: 1');
    },
  ));

test('a body that comes piece by piece while the connection is being opened arrives whole', () =>
  gateway.serve(echo, async ({ connect }) => {
    const client = await connect();
    client.write(`POST / HTTP/1.1\r\nhost: a\r\n${CHUNKED}\r\n`);
    for (const piece of ['1\r\na\r\n', '1\r\nb\r\n', '1\r\nc\r\n']) {
      await new Promise(resolve => setImmediate(resolve));
      client.write(piece);
    }
    client.write('0\r\n\r\n');
    assert.equal((await readResponse(client)).body, 'abc');
  }));

test('a request body reaches the upstream before it is whole', () =>
  gateway.serve(
    async request => {
      const first = await readChunk(request.wire);
      request.wire.write(`HTTP/1.1 200 OK\r\n${CHUNKED}\r\n1\r\n${first}\r\n`);
      const second = await readChunk(request.wire);
      await readChunk(request.wire);
      await request.wire.readUntil('\r\n');
      request.wire.write(`1\r\n${second}\r\n0\r\n\r\n`);
    },
    async ({ connect }) => {
      const client = await connect();
      client.write(`POST / HTTP/1.1\r\nhost: a\r\n${CHUNKED}\r\n1\r\na\r\n`);
      const head = await readHead(client);
      assert.equal(await readChunk(client), 'a');
      client.write('1\r\nb\r\n0\r\n\r\n');
      assert.equal((await readBody(client, head)).body, 'b');
    },
  ));

test('a chunked response keeps its chunks and trailers', () =>
  gateway.serve(
    request =>
      void request.wire.write(
        `HTTP/1.1 200 OK\r\n${CHUNKED}trailer: x-sum\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nx-sum: 5\r\n\r\n`,
      ),
    async ({ send }) => {
      const response = await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      assert.deepEqual(response.chunks, [3, 2]);
      assert.deepEqual(response.trailers, ['x-sum: 5']);
    },
  ));

test('a response that the closing of the connection ends comes chunked, and the client may go on', () =>
  gateway.serve(
    request => {
      request.wire.write('HTTP/1.1 200 OK\r\n\r\nall of it');
      request.wire.socket.end();
    },
    async ({ connect, upstream }) => {
      const client = await connect();
      for (let i = 0; i < 2; i++) {
        client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
        assert.equal((await readResponse(client)).body, 'all of it');
      }
      assert.equal(upstream.connections, 2);
    },
  ));

test('an HTTP/1.0 upstream is understood', () =>
  gateway.serve(
    request => {
      request.wire.write('HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok');
      request.wire.socket.end();
    },
    async ({ send }) => {
      const response = await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      assert.equal(response.line, 'HTTP/1.1 200 OK');
      assert.equal(response.body, 'ok');
    },
  ));

for (const fields of ['content-length: 5\r\n', CHUNKED, 'etag: "x"\r\n']) {
  test(`HEAD gets the head alone: ${JSON.stringify(fields)}`, () =>
    gateway.serve(
      request => void request.wire.write(`HTTP/1.1 200 OK\r\n${fields}\r\n`),
      async ({ connect, upstream }) => {
        const client = await connect();
        for (let i = 0; i < 2; i++) {
          client.write('HEAD / HTTP/1.1\r\nhost: a\r\n\r\n');
          const head = await readHead(client);
          for (const line of fields.split('\r\n').filter(Boolean)) {
            const [name = '', value = ''] = line.split(': ');
            assert.equal(field(head, name), value);
          }
        }
        assert.equal(client.unread, '');
        assert.equal(upstream.connections, 1);
      },
    ));
}

for (const status of [204, 304]) {
  test(`${status} has no body, whatever its head says`, () =>
    gateway.serve(
      request => void request.wire.write(`HTTP/1.1 ${status} X\r\netag: "x"\r\n\r\n`),
      async ({ connect }) => {
        const client = await connect();
        client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(2));
        for (let i = 0; i < 2; i++) {
          const response = await readResponse(client);
          assert.equal(response.status, status);
          assert.equal(field(response, 'transfer-encoding'), undefined);
        }
      },
    ));
}

test('204 with a length that it must not have comes without it (RFC 9110 section 8.6)', () =>
  gateway.serve(
    request => void request.wire.write('HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n'),
    async ({ send }) => {
      const response = await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
      assert.equal(field(response, 'content-length'), undefined);
    },
  ));

test('a client that expects 100-continue is told to go on, once, and the upstream is not asked', () =>
  gateway.serve(echo, async ({ connect, upstream }) => {
    const client = await connect();
    client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n');
    assert.equal(await client.readUntil('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
    client.write('ok');
    const response = await readResponse(client);
    assert.equal(response.status, 200);
    assert.equal(response.body, 'ok');
    const head = upstream.requests[0]?.head;
    assert.equal(head && field(head, 'expect'), undefined);
  }));

test('1xx of the upstream are not taken for the answer', () =>
  gateway.serve(
    request =>
      void request.wire.write(
        `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${answer('ok')}`,
      ),
    async ({ send }) => {
      assert.equal((await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')).body, 'ok');
    },
  ));

for (const manifests of [plainRoute(), poolRoute()]) {
  for (const [method, fields, length] of [
    ['GET', '', undefined],
    ['GET', 'content-length: 0\r\n', '0'],
    ['POST', '', '0'],
    ['PUT', 'content-length: 0\r\n', '0'],
    ['DELETE', '', undefined],
  ] as const) {
    test(`${method} without a body, ${fields.trim() || 'without a length'}: the upstream is told ${length ?? 'none'}`, () =>
      gateway.serve(
        echo,
        async ({ send, upstream }) => {
          assert.equal((await send(`${method} / HTTP/1.1\r\nhost: a\r\n${fields}\r\n`)).status, 200);
          const head = upstream.requests[0]?.head;
          assert.equal(head && field(head, 'content-length'), length);
          assert.equal(head && field(head, 'transfer-encoding'), undefined);
        },
        manifests,
      ));
  }
}
