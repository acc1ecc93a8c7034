import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { field, type Head } from './support/message.ts';
import { answer, type Upstream } from './support/upstream.ts';

const gateway = useGateway();
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function sent(upstream: Upstream): Head {
  const [request] = upstream.requests;
  assert.ok(request !== undefined);
  return request.head;
}

/** Sends one request with these fields and gives what the upstream and the client see. */
async function pass(fields: string, responseFields: readonly string[] = [], host = 'example.com:8080') {
  let heads: { readonly request: Head; readonly response: Head } | undefined;
  await gateway.serve(
    ({ wire }) => void wire.write(answer('ok', ...responseFields)),
    async ({ send, upstream }) => {
      const response = await send(`GET / HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`);
      heads = { request: sent(upstream), response };
    },
  );
  assert.ok(heads !== undefined);
  return heads;
}

test('Host is kept as it came', async () => {
  assert.equal(field((await pass('')).request, 'host'), 'example.com:8080');
});

test('every request has an id of its own, the same for upstream and client', async () => {
  const { request, response } = await pass('x-request-id: chosen-by-client\r\n');
  const id = field(request, 'x-request-id');
  assert.match(id ?? '', UUID);
  assert.equal(field(response, 'x-request-id'), id);
});

test('x-forwarded-for gets the client appended', async () => {
  assert.equal(field((await pass('')).request, 'x-forwarded-for'), '127.0.0.1');
  const { request } = await pass('x-forwarded-for: 192.0.2.1, 192.0.2.2\r\nX-Forwarded-For: 192.0.2.3\r\n');
  assert.equal(field(request, 'x-forwarded-for'), '192.0.2.1, 192.0.2.2,192.0.2.3,127.0.0.1');
});

test('x-forwarded-proto is what the client used, not what it says', async () => {
  assert.equal(field((await pass('x-forwarded-proto: https\r\n')).request, 'x-forwarded-proto'), 'http');
});

for (const named of [
  'content-length',
  'Content-Length, close',
  'transfer-encoding',
  'date',
  'content-type',
]) {
  test(`an answer whose connection names ${named} keeps its framing and what is for all recipients`, async () => {
    const date = 'Tue, 15 Nov 1994 08:12:31 GMT';
    const { response } = await pass('', [`connection: ${named}`, `date: ${date}`, 'content-type: text/x-a']);
    assert.equal(field(response, 'content-length'), '2');
    assert.equal(field(response, 'date'), date);
    assert.equal(field(response, 'content-type'), 'text/x-a');
  });
}

test('a model server cannot speak in the name of the gateway', async () => {
  const { response } = await pass('', [
    'x-breakwater-reason: limit=made-up',
    'X-Breakwater-Explain: made up',
    'x-envoy-overloaded: true',
    'x-envoy-upstream-service-time: 5',
  ]);
  const ours = response.fields.map(([name]) => name).filter(name => /^x-(breakwater|envoy)/.test(name));
  assert.deepEqual(ours, ['x-envoy-upstream-service-time']);
});

test('hop-by-hop fields stay on their hop (RFC 9110 section 7.6.1)', async () => {
  const fields =
    'connection: keep-alive, x-a, X-B\r\nx-a: 1\r\nx-b: 2\r\nx-c: 3\r\nkeep-alive: timeout=5\r\n' +
    'proxy-connection: keep-alive\r\nte: trailers\r\nupgrade: h2c\r\n';
  const { request, response } = await pass(fields, [
    'connection: x-r',
    'x-r: 1',
    'x-s: 2',
    'keep-alive: timeout=5',
  ]);
  for (const name of ['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'x-a', 'x-b'])
    assert.equal(field(request, name), undefined, name);
  // Trailers are passed on.
  assert.equal(field(request, 'te'), 'trailers');
  assert.equal(field(request, 'x-c'), '3');
  for (const name of ['connection', 'keep-alive', 'x-r'])
    assert.equal(field(response, name), undefined, name);
  assert.equal(field(response, 'x-s'), '2');
});

test('a client cannot have fields removed that this proxy sets or that carry credentials by naming them in Connection', async () => {
  const { request } = await pass('connection: x-forwarded-for, x-request-id, host\r\n');
  assert.equal(field(request, 'x-forwarded-for'), '127.0.0.1');
  assert.match(field(request, 'x-request-id') ?? '', UUID);
  assert.equal(field(request, 'host'), 'example.com:8080');
});

test('what only the gateway may say is dropped', async () => {
  const { request } = await pass(
    'x-gateway-destination-endpoint: 127.0.0.9:1\r\nX-Breakwater-Reason: a\r\nx-breakwater-x: b\r\n',
  );
  assert.equal(field(request, 'x-gateway-destination-endpoint'), undefined);
  assert.ok(!request.fields.some(([name]) => name.startsWith('x-breakwater-')));
});

test('other fields pass as they came: empty, repeated, with obs-text, in order', async () => {
  const { request, response } = await pass(
    'x-empty:\r\nx-twice: 1\r\nx-twice: 2\r\nx-text: caf\xe9 \x80\r\nauthorization: Bearer k\r\ncookie: a=b\r\n',
    ['x-empty:', 'set-cookie: a=1', 'set-cookie: b=2', 'x-text: caf\xe9'],
  );
  const own = request.fields.filter(([name]) => !/^(host|x-forwarded-.*|x-request-id)$/.test(name));
  assert.deepEqual(own, [
    ['x-empty', ''],
    ['x-twice', '1'],
    ['x-twice', '2'],
    ['x-text', 'caf\xe9 \x80'],
    ['authorization', 'Bearer k'],
    ['cookie', 'a=b'],
  ]);
  assert.equal(field(response, 'x-empty'), '');
  assert.deepEqual(
    response.fields.filter(([name]) => name === 'set-cookie').map(([, value]) => value),
    ['a=1', 'b=2'],
  );
  assert.equal(field(response, 'x-text'), 'caf\xe9');
});

test("a response has a date, the upstream's where it has one", async () => {
  assert.match(field((await pass('')).response, 'date') ?? '', / GMT$/);
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
  assert.equal(field((await pass('', [`date: ${date}`])).response, 'date'), date);
});
