import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { useGateway } from './support/gateway.ts';
import { aliasRoute, plainRoute, poolRoute } from './support/manifests.ts';
import { field, readResponse } from './support/message.ts';
import { answer, echo, type Script } from './support/upstream.ts';

const MIB = 1024 * 1024;
const gateway = useGateway({ bounds: { maxBodyBytes: 16 * MIB } });

function post(body: string, fields = ''): string {
  return `POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body, 'latin1')}\r\n${fields}\r\n${body}`;
}

const count: Script = async request => {
  const { body } = await request.body();
  request.wire.write(answer(String(body.length)));
};

const UNREADABLE = [
  ['is not JSON', 'hello'],
  ['ends too early', '{"model": "model-a"'],
  ['is a string', '"model-a"'],
  ['is null', 'null'],
  ['is followed by more', '{"model": "model-a"} {}'],
  ['is nested too deep', `{"model":"model-a","tools":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
] as const;

for (const [name, body] of UNREADABLE) {
  test(`a body that ${name}, to a pool that has its models by other names: 400, as OpenAI's API says it`, () =>
    gateway.serve(
      echo,
      async ({ connect, upstream }) => {
        const client = await connect();
        client.write(post(body) + post('{"model": "model-a"}'));
        const response = await readResponse(client);
        assert.equal(response.status, 400);
        assert.equal(field(response, 'content-type'), 'application/json');
        const { error } = JSON.parse(response.body);
        assert.equal(error.type, 'BadRequestError');
        assert.equal(error.code, 400);
        assert.match(error.message, /JSON|nested/);
        assert.equal((await readResponse(client)).status, 200);
        assert.equal(upstream.requests.length, 1);
      },
      aliasRoute(),
    ));
}

for (const [name, body] of [...UNREADABLE, ['is a list', '[{"model":"model-a"}]'] as const]) {
  test(`a body that ${name}, to a pool: its model server says what it thinks of it`, () =>
    gateway.serve(
      echo,
      async ({ send }) => {
        const response = await send(post(body));
        assert.equal(response.status, 200);
        assert.equal(response.body, body);
      },
      poolRoute(),
    ));
}

test('a body that cannot be read is refused in the words of Anthropic where those are asked for', () =>
  gateway.serve(
    echo,
    async ({ send }) => {
      const response = await send(post('{').replace('/v1/completions', '/v1/messages?beta=true'));
      assert.equal(response.status, 400);
      assert.deepEqual(Object.keys(JSON.parse(response.body)), ['type', 'error']);
      assert.equal(JSON.parse(response.body).error.type, 'invalid_request_error');
    },
    aliasRoute(),
  ));

test('an alias is put in anew in a form and in a compressed body', () =>
  gateway.serve(
    echo,
    async ({ send }) => {
      const packed = gzipSync('{"model":"alias"}').toString('latin1');
      const answer = await send(post(packed, 'content-encoding: gzip\r\n'));
      assert.equal(gunzipSync(Buffer.from(answer.body, 'latin1')).toString(), '{"model":"alias-v2"}');
      const form = '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nalias\r\n--b--\r\n';
      const request = post(form).replace('application/json', 'multipart/form-data; boundary=b');
      assert.equal((await send(request)).body, form.replace('alias', 'alias-v2'));
    },
    aliasRoute(),
  ));

test('a body that is not JSON passes on a plain route', () =>
  gateway.serve(echo, async ({ send }) => {
    assert.equal((await send(post('hello \xff'))).body, 'hello \xff');
  }));

for (const [name, body] of [
  ['no model', '{"prompt": "x"}'],
  ['a model that is no string', '{"model": 5}'],
  ['a model that no InferenceModel names', '{"model": "other"}'],
  [
    'white space and numbers beyond all precision',
    '{ "model" : "model-a",\n "n": 12345678901234567890, "x": 1.0 }',
  ],
] as const) {
  test(`a body to a pool with ${name} arrives byte for byte`, () =>
    gateway.serve(
      echo,
      async ({ send }) => {
        assert.equal((await send(post(body))).body, body);
      },
      poolRoute(),
    ));
}

test('a chunked body to a pool arrives with its length', () =>
  gateway.serve(
    echo,
    async ({ send, upstream }) => {
      const response = await send(
        'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{"model"\r\nd\r\n:"model-a"}  \r\n0\r\n\r\n',
      );
      assert.equal(response.body, '{"model":"model-a"}  ');
      const head = upstream.requests[0]?.head;
      assert.ok(head !== undefined);
      assert.equal(field(head, 'content-length'), '21');
      assert.equal(field(head, 'transfer-encoding'), undefined);
    },
    poolRoute(),
  ));

test('GET /v1/models passes through a pool', () =>
  gateway.serve(
    ({ wire, head }) => void wire.write(answer(`${head.line} ${field(head, 'content-length')}`)),
    async ({ send }) => {
      const response = await send('GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n');
      assert.equal(response.body, 'GET /v1/models HTTP/1.1 undefined');
    },
    poolRoute(),
  ));

for (const framing of ['length', 'chunks']) {
  test(`12 MB to a pool pass: ${framing}`, () =>
    gateway.serve(
      count,
      async ({ connect }) => {
        const body = `{"model": "model-a", "prompt": "${'x'.repeat(12 * MIB)}"}`;
        const client = await connect();
        if (framing === 'length') client.write(post(body));
        else {
          client.write('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
          for (let at = 0; at < body.length; at += 50_000) {
            const piece = body.slice(at, at + 50_000);
            client.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
          }
          client.write('0\r\n\r\n');
        }
        assert.equal((await readResponse(client)).body, String(body.length));
      },
      poolRoute(),
    ));
}

test('a declared length over the limit: 413 before the body is read, and the connection is closed', () =>
  gateway.serve(
    echo,
    async ({ connect, upstream }) => {
      const client = await connect();
      client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${16 * MIB + 1}\r\n\r\n`);
      const response = await readResponse(client);
      assert.equal(response.status, 413);
      assert.equal(field(response, 'connection'), 'close');
      await client.untilEnded();
      assert.equal(upstream.requests.length, 0);
    },
    poolRoute(),
  ));

test('a client that waits for 100-continue is told 413 instead', () =>
  gateway.serve(
    echo,
    async ({ connect }) => {
      const client = await connect();
      client.write(
        `POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: ${16 * MIB + 1}\r\n\r\n`,
      );
      assert.equal((await readResponse(client)).status, 413);
      await client.untilEnded();
    },
    poolRoute(),
  ));

test('a chunked body is 413 as soon as it is over the limit', () =>
  gateway.serve(
    echo,
    async ({ connect, upstream }) => {
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
      const piece = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`);
      for (let i = 0; i < 257; i++) client.write(piece);
      // It is not ended.
      assert.equal((await readResponse(client)).status, 413);
      assert.equal(upstream.requests.length, 0);
    },
    poolRoute(),
  ));

test('requestBuffer.limit bounds a plain route: 413 over it, whole up to it', () =>
  gateway.serve(
    count,
    async ({ send, upstream }) => {
      assert.equal((await send(post('x'.repeat(1024)))).body, '1024');
      assert.equal((await send(post('x'.repeat(1025)))).status, 413);
      assert.equal(upstream.requests.length, 1);
    },
    plainRoute({ policy: 'requestBuffer: { limit: 1Ki }' }),
  ));

test('a small refused body is read away, and the connection goes on', () =>
  gateway.serve(
    count,
    async ({ connect }) => {
      const client = await connect();
      client.write(`${post('x'.repeat(2000))}${post('ok')}`);
      assert.equal((await readResponse(client)).status, 413);
      assert.equal((await readResponse(client)).body, '2');
    },
    plainRoute({ policy: 'requestBuffer: { limit: 1Ki }' }),
  ));
