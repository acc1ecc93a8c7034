import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Scene, useGateway } from './support/gateway.ts';
import { field, readResponse } from './support/message.ts';
import { answer, echo } from './support/upstream.ts';
import { BAD_REQUESTS, LARGE_REQUESTS } from './tables/bad-requests.ts';

const gateway = useGateway();

/** Nothing after the bad request may be taken for a request, and no bad request may be whole upstream. */
async function isRefused({ connect, upstream }: Scene, bytes: string, status: number): Promise<void> {
  const client = await connect();
  client.write(`${bytes}GET /next HTTP/1.1\r\nhost: a\r\n\r\n`);
  const response = await readResponse(client);
  assert.equal(response.status, status);
  assert.equal(field(response, 'connection'), 'close');
  assert.match(field(response, 'x-breakwater-reason') ?? '', /^HTTP_[A-Z_]+$/);
  assert.equal(await client.readToEnd(), '');
  for (const request of upstream.requests) {
    assert.ok(request.head.line.startsWith('POST / '), request.head.line);
    await assert.rejects(request.body());
  }
}

for (const [name, bytes, status] of [...BAD_REQUESTS, ...LARGE_REQUESTS]) {
  test(`${name}: ${status}`, () => gateway.serve(waitForBody, scene => isRefused(scene, bytes, status)));
}

/** Does not answer what it does not have whole. */
async function waitForBody(request: Parameters<typeof echo>[0]): Promise<void> {
  await request.wire.untilEnded();
}

test('100 fields pass', () =>
  gateway.serve(echo, async ({ send }) => {
    assert.equal((await send(`GET / HTTP/1.1\r\nhost: a\r\n${'x-a: b\r\n'.repeat(99)}\r\n`)).status, 200);
  }));

test('chunk extensions are taken, and not passed on', () =>
  gateway.serve(echo, async ({ send }) => {
    const head = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n';
    for (const extension of [';a=b', ';a="b c"', ';']) {
      const response = await send(`${head}1${extension}\r\nx\r\n0${extension}\r\n\r\n`);
      assert.equal(response.body, 'x');
    }
  }));

test('leading zeros of a chunk size count for nothing', () =>
  gateway.serve(echo, async ({ send }) => {
    const head = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n';
    assert.equal((await send(`${head}0001\r\nx\r\n000\r\n\r\n`)).body, 'x');
  }));

test('a request in the body of another is not served', () =>
  gateway.serve(
    async request => {
      await request.body();
      request.wire.write(answer(request.head.line));
    },
    async ({ connect, upstream }) => {
      const smuggled = 'GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n';
      const client = await connect();
      client.write(
        `POST /1 HTTP/1.1\r\nhost: a\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}GET /2 HTTP/1.1\r\nhost: a\r\n\r\n`,
      );
      assert.equal((await readResponse(client)).body, 'POST /1 HTTP/1.1');
      assert.equal((await readResponse(client)).body, 'GET /2 HTTP/1.1');
      assert.equal(upstream.requests.length, 2);
    },
  ));
