import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { plainRoute, poolRoute } from './support/manifests.ts';
import { field, readResponse } from './support/message.ts';
import { answer, echo, type Script } from './support/upstream.ts';
import { eventually } from './support/within.ts';

const MIB = 1024 * 1024;
const gateway = useGateway({ workers: 2, heldBodyBytes: 4 * MIB, bounds: { maxDiscardBytes: 64 * MIB } });

const held = () => gateway.metric('breakwater_held_body_bytes');
const nothingHeld = () => eventually(2000, 'nothing to be held', async () => (await held()) === 0);
const head = (length: number) =>
  `POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

test('bodies that are being read share one budget over all workers; over it 503 with the reason, before more is read', () =>
  gateway.serve(
    echo,
    async ({ connect, send }) => {
      const slow = await Promise.all(Array.from({ length: 3 }, () => connect()));
      for (const client of slow) client.write(head(2 * MIB) + 'x'.repeat(1.2 * MIB));
      await eventually(5000, 'the bodies to come', async () => (await held()) > 3.5 * MIB);
      const refused = await connect();
      refused.write(head(2 * MIB));
      const response = await readResponse(refused);
      assert.equal(response.status, 503);
      assert.match(
        field(response, 'x-breakwater-reason') ?? '',
        /^limit=heldBodyBytes; in-use=[0-9]+; max=4194304$/,
      );
      assert.equal(field(response, 'retry-after'), '1');
      // A small one still fits, and one that does not say its length is found out as it comes.
      assert.equal((await send(`${head(13)}{"model":"m"}`)).status, 200);
      const chunked = await connect();
      chunked.write('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
      chunked.write(`${MIB.toString(16)}\r\n${'x'.repeat(MIB)}\r\n0\r\n\r\n`);
      assert.equal((await readResponse(chunked)).status, 503);
      for (const client of slow) client.destroy();
      await nothingHeld();
      assert.equal((await send(head(2 * MIB) + 'x'.repeat(2 * MIB))).body.length, 2 * MIB);
      await nothingHeld();
    },
    poolRoute(),
  ));

test('a long answer does not keep the body that it was asked with', () => {
  const open: (() => void)[] = [];
  const slow: Script = async request => {
    await request.body();
    request.wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
    open.push(() => request.wire.write('0\r\n\r\n'));
  };
  return gateway.serve(
    slow,
    async ({ connect }) => {
      const clients = [];
      for (let i = 0; i < 4; i++) {
        const client = await connect();
        client.write(head(2 * MIB) + 'x'.repeat(2 * MIB));
        await client.readUntil('a\r\n');
        clients.push(client);
        await nothingHeld();
      }
      for (const end of open) end();
      for (const client of clients) await client.readUntil('0\r\n\r\n');
    },
    poolRoute(),
  );
});

test('a body that is passed on as it comes is counted only until its server takes it', () =>
  gateway.serve(
    async request => {
      const { body } = await request.body();
      request.wire.write(answer(String(body.length)));
    },
    async ({ send }) => {
      assert.equal((await send(head(12 * MIB) + 'x'.repeat(12 * MIB))).body, String(12 * MIB));
      await nothingHeld();
    },
    plainRoute(),
  ));

test('a body that breaks off in bad chunks is given back', () =>
  gateway.serve(
    echo,
    async ({ connect }) => {
      const client = await connect();
      client.write('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3e8\r\n');
      client.write(`${'x'.repeat(1000)}\r\nzz\r\n`);
      assert.equal((await readResponse(client)).status, 400);
      await nothingHeld();
    },
    poolRoute(),
  ));
