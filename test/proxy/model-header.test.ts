import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { MODEL_HEADER } from '../differential/tables/model-header.ts';
import { useGateway } from './support/gateway.ts';
import { field, readResponse } from './support/message.ts';
import { json, modelRoutes } from './support/model-routes.ts';
import { answer, type Script } from './support/upstream.ts';
import { eventually } from './support/within.ts';

const gateway = useGateway({ workers: 1, heldBodyBytes: 256 * 1024, bounds: { maxBodyBytes: 64 * 1024 } });
const named =
  (name: string): Script =>
  async request => {
    await request.body();
    request.wire.write(answer(name));
  };
const TWO = [named('small'), named('large')];
const HEAD = 'POST /v1/completions HTTP/1.1\r\nhost: a\r\n';
const held = () => gateway.metric('breakwater_held_body_bytes');

for (const { name, manifests, upstreams, run, gives } of MODEL_HEADER) {
  if (gives === undefined || name.endsWith('5 MB')) continue;
  test(name, () =>
    gateway.serveMany(
      upstreams?.() ?? TWO,
      async scene => assert.deepEqual(await run(scene), gives),
      manifests,
    ),
  );
}

test('a body that is too large to be read for its model is refused by its head, or as it comes', () =>
  gateway.serveMany(
    TWO,
    async ({ connect, upstreams }) => {
      const declared = await connect();
      declared.write(`${HEAD}content-length: 70000\r\n\r\n`);
      assert.equal((await readResponse(declared)).status, 413);
      const chunked = await connect();
      chunked.write(`${HEAD}transfer-encoding: chunked\r\n\r\n11170\r\n${'x'.repeat(70_000)}\r\n`);
      assert.equal((await readResponse(chunked)).status, 413);
      assert.deepEqual(
        upstreams.map(({ requests }) => requests.length),
        [0, 0],
      );
      await eventually(2000, 'nothing to be held', async () => (await held()) === 0);
    },
    modelRoutes(),
  ));

test('what waits for its model counts in the budget of all bodies, and is given back when its client leaves', () =>
  gateway.serveMany(
    TWO,
    async ({ connect, send }) => {
      const slow = await Promise.all(Array.from({ length: 4 }, () => connect()));
      for (const client of slow) client.write(`${HEAD}content-length: 65000\r\n\r\n${'x'.repeat(64_000)}`);
      await eventually(5000, 'the bodies to come', async () => (await held()) >= 4 * 64_000);
      const refused = await connect();
      refused.write(`${HEAD}content-length: 60000\r\n\r\n`);
      const response = await readResponse(refused);
      assert.equal(response.status, 503);
      assert.match(field(response, 'x-breakwater-reason') ?? '', /^limit=heldBodyBytes;/);
      for (const client of slow) client.destroy();
      await eventually(2000, 'nothing to be held', async () => (await held()) === 0);
      assert.equal((await send(json({ model: 'org/small' }))).body, 'small');
    },
    modelRoutes(),
  ));

test('a path whose routes do not ask for the model is answered before the body has come', () =>
  gateway.serveMany(
    TWO,
    async ({ connect }) => {
      const client = await connect();
      client.write('POST /other HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n');
      assert.equal((await readResponse(client)).status, 404);
    },
    modelRoutes(),
  ));

test('a body that breaks off, or cannot be framed, while its model is waited for: nothing is sent, nothing is kept', () =>
  gateway.serveMany(
    TWO,
    async ({ connect, upstreams, send }) => {
      const broken = await connect();
      broken.write(`${HEAD}transfer-encoding: chunked\r\n\r\n8\r\n{"model"\r\nzz\r\n`);
      assert.equal((await readResponse(broken)).status, 400);
      const gone = await connect();
      gone.write(`${HEAD}content-length: 100\r\n\r\n{"model":"org/small"`);
      await eventually(2000, 'the body to come', async () => (await held()) > 0);
      gone.destroy();
      await eventually(2000, 'nothing to be held', async () => (await held()) === 0);
      assert.deepEqual(
        upstreams.map(({ requests }) => requests.length),
        [0, 0],
      );
      assert.equal((await send(json({ model: 'org/large-1' }))).body, 'large');
    },
    modelRoutes(),
  ));

test('bodies of any coding that is known say their model, and pass as they came', () =>
  gateway.serveMany(
    TWO,
    async ({ connect }) => {
      for (const [coding, encode] of [
        ['gzip', gzipSync],
        ['zstd', zstdCompressSync],
        ['unheard-of', gzipSync],
      ] as const) {
        const body = encode('{"model":"org/small"}');
        const client = await connect();
        client.write(`${HEAD}content-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`);
        client.write(body);
        assert.equal((await readResponse(client)).status, coding === 'unheard-of' ? 404 : 200);
      }
    },
    modelRoutes(),
  ));
