import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { field, readResponse } from './support/message.ts';
import { answer, echo, type Script } from './support/upstream.ts';

const gateway = useGateway();
const tellTarget: Script = request => void request.wire.write(answer(request.head.line));

test('HTTP/1.0 is answered 426 and closed, as Envoy Gateway does unless it is switched on', () =>
  gateway.serve(echo, async ({ connect, upstream }) => {
    const client = await connect();
    client.write('GET / HTTP/1.0\r\nhost: a\r\n\r\n');
    const response = await readResponse(client);
    assert.equal(response.status, 426);
    assert.equal(field(response, 'connection'), 'close');
    await client.untilEnded();
    assert.equal(upstream.requests.length, 0);
  }));

test('HTTP/2 with prior knowledge is refused', () =>
  gateway.serve(echo, async ({ connect }) => {
    const client = await connect();
    client.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    assert.ok((await readResponse(client)).status >= 400);
    await client.untilEnded();
  }));

test('an absolute target is sent in origin form, and its host counts', () =>
  gateway.serve(tellTarget, async ({ send, upstream }) => {
    const response = await send('GET http://b.example:81/x?y=1 HTTP/1.1\r\nhost: a\r\n\r\n');
    assert.equal(response.body, 'GET /x?y=1 HTTP/1.1');
    const head = upstream.requests[0]?.head;
    assert.equal(head && field(head, 'host'), 'b.example:81');
  }));

for (const [target, sent] of [
  ['http://b.example', '/'],
  ['http://b.example?q', '/?q'],
  ['HTTP://b.example/', '/'],
]) {
  test(`an absolute target ${target} becomes ${sent}`, () =>
    gateway.serve(tellTarget, async ({ send }) => {
      const response = await send(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`);
      assert.equal(response.body, `GET ${sent} HTTP/1.1`);
    }));
}

for (const target of ['ftp://b/', 'b.example:443', 'http://', 'http://u@b/', 'x', '//\u0001', '/a#b']) {
  test(`the target ${JSON.stringify(target)} is refused`, () =>
    gateway.serve(echo, async ({ send, upstream }) => {
      assert.equal((await send(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`)).status, 400);
      assert.equal(upstream.requests.length, 0);
    }));
}

test('CONNECT is no way through', () =>
  gateway.serve(echo, async ({ send, upstream }) => {
    const response = await send('CONNECT b.example:443 HTTP/1.1\r\nhost: b.example:443\r\n\r\n');
    assert.ok(response.status >= 400);
    assert.equal(upstream.requests.length, 0);
  }));

test('OPTIONS * belongs to no path: 404', () =>
  gateway.serve(echo, async ({ connect, upstream }) => {
    const client = await connect();
    client.write('OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\nGET /b HTTP/1.1\r\nhost: a\r\n\r\n');
    assert.equal((await readResponse(client)).status, 404);
    assert.equal((await readResponse(client)).status, 200);
    assert.equal(upstream.requests.length, 1);
  }));

test('a target of 50 KB passes', () =>
  gateway.serve(tellTarget, async ({ send }) => {
    const target = `/${'a'.repeat(50_000)}`;
    assert.equal((await send(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`)).body, `GET ${target} HTTP/1.1`);
  }));

test('a target over the limit of the head gets 431', () =>
  gateway.serve(echo, async ({ send }) => {
    const target = `/${'a'.repeat(70_000)}`;
    assert.equal((await send(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`)).status, 431);
  }));

test('a method that nobody knows passes', () =>
  gateway.serve(tellTarget, async ({ send }) => {
    assert.equal((await send('M-SEARCH /a HTTP/1.1\r\nhost: a\r\n\r\n')).body, 'M-SEARCH /a HTTP/1.1');
  }));

test('empty lines before a request line are skipped (RFC 9112 section 2.2)', () =>
  gateway.serve(tellTarget, async ({ connect }) => {
    const client = await connect();
    client.write('\r\n\r\nGET /a HTTP/1.1\r\nhost: a\r\n\r\n\r\nGET /b HTTP/1.1\r\nhost: a\r\n\r\n');
    assert.equal((await readResponse(client)).body, 'GET /a HTTP/1.1');
    assert.equal((await readResponse(client)).body, 'GET /b HTTP/1.1');
  }));

test('connection: close is kept, after the answer', () =>
  gateway.serve(echo, async ({ connect, upstream }) => {
    const client = await connect();
    client.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n');
    const response = await readResponse(client);
    assert.equal(response.status, 200);
    assert.equal(field(response, 'connection'), 'close');
    assert.equal(await client.readToEnd(), '');
    assert.equal(upstream.requests.length, 1);
  }));
