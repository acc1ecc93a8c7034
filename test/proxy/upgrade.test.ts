import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Scene, useGateway } from './support/gateway.ts';
import { field, readHead, readResponse } from './support/message.ts';
import { writeUntilStalled } from './support/stall.ts';
import { answer, type Script } from './support/upstream.ts';
import { eventually } from './support/within.ts';

const gateway = useGateway();
const UPGRADE =
  'GET /socket HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n';
const SWITCHING =
  'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: x\r\n\r\n';

/** Switches, then sends back whatever comes in capitals. */
const shout: Script = async ({ wire }) => {
  wire.write(SWITCHING);
  for (;;) wire.write((await wire.readSome()).toString('latin1').toUpperCase());
};

async function open({ connect }: Scene) {
  const client = await connect();
  client.write(UPGRADE);
  const head = await readHead(client);
  assert.equal(head.line, 'HTTP/1.1 101 Switching Protocols');
  return { client, head };
}

test('an upgrade joins both sides, and the head says so', () =>
  gateway.serve(shout, async scene => {
    const { client, head } = await open(scene);
    assert.equal(field(head, 'upgrade'), 'websocket');
    assert.equal(field(head, 'connection')?.toLowerCase(), 'upgrade');
    assert.equal(field(head, 'sec-websocket-accept'), 'x');
    const request = scene.upstream.requests[0]?.head;
    assert.ok(request !== undefined);
    assert.equal(field(request, 'upgrade'), 'websocket');
    assert.equal(field(request, 'connection'), 'upgrade');
    for (const text of ['hello', 'GET / HTTP/1.1\r\n\r\n', '\0\x80']) {
      client.write(text);
      assert.equal((await client.read(text.length)).toString('latin1'), text.toUpperCase());
    }
  }));

test('a joined connection counts as a request while it lasts', () =>
  gateway.serve(shout, async scene => {
    await open(scene);
    const { limits } = await scene.snapshot();
    assert.equal(limits[0]?.active, 1);
  }));

test('bytes right behind the request or the answer are not lost', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write(`${SWITCHING}first`);
      wire.write(await wire.read(5));
    },
    async ({ connect }) => {
      const client = await connect();
      client.write(`${UPGRADE}hello`);
      await readHead(client);
      assert.equal((await client.read(10)).toString(), 'firsthello');
    },
  ));

test('the client leaves: the upstream is closed, with what was said last', () =>
  gateway.serve(
    async ({ wire }) => {
      wire.write(SWITCHING);
      await wire.untilEnded();
    },
    async scene => {
      const { client } = await open(scene);
      const wire = scene.upstream.requests[0]?.wire;
      client.socket.end('bye');
      await eventually(1000, 'the upstream to be closed', () => wire?.ended === true);
      assert.equal(wire?.unread, 'bye');
      await eventually(1000, 'zero', async () => (await scene.snapshot()).limits[0]?.active === 0);
    },
  ));

test('the upstream leaves: the client is closed, with what was said last', () =>
  gateway.serve(
    ({ wire }) => {
      wire.write(SWITCHING);
      wire.socket.end('bye');
    },
    async scene => {
      const { client } = await open(scene);
      assert.equal(await client.readToEnd(), 'bye');
      await eventually(1000, 'zero', async () => (await scene.snapshot()).limits[0]?.active === 0);
    },
  ));

for (const side of ['client', 'upstream'] as const) {
  test(`the ${side} resets: the other side is closed`, () =>
    gateway.serve(shout, async scene => {
      const { client } = await open(scene);
      const wire = scene.upstream.requests[0]?.wire;
      assert.ok(wire !== undefined);
      if (side === 'client') client.reset();
      else wire.reset();
      await (side === 'client' ? wire : client).untilEnded(1000);
    }));
}

for (const side of ['client', 'upstream'] as const) {
  test(`a ${side} that does not read makes the other side wait`, () =>
    gateway.serve(
      async ({ wire }) => {
        wire.write(SWITCHING);
        await wire.untilEnded(60_000);
      },
      async scene => {
        const { client } = await open(scene);
        const wire = scene.upstream.requests[0]?.wire;
        assert.ok(wire !== undefined);
        const [reader, writer] = side === 'client' ? [client, wire] : [wire, client];
        reader.socket.pause();
        const before = reader.received;
        const sent = await writeUntilStalled(writer, 64 * 1024 * 1024);
        reader.socket.resume();
        await eventually(5000, 'all of it', () => reader.received - before === sent);
      },
    ));
}

test('an upstream that declines answers as to any request, and the connection goes on', () =>
  gateway.serve(
    ({ wire }) => void wire.write(answer('no')),
    async ({ connect }) => {
      const client = await connect();
      client.write(UPGRADE.repeat(2));
      assert.equal((await readResponse(client)).body, 'no');
      assert.equal((await readResponse(client)).body, 'no');
    },
  ));

test('an upgrade to anything but WebSocket is not passed on', () =>
  gateway.serve(
    ({ wire }) => void wire.write(answer('plain')),
    async ({ send, upstream }) => {
      const response = await send(
        'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: x\r\n\r\n',
      );
      assert.equal(response.body, 'plain');
      const head = upstream.requests[0]?.head;
      assert.ok(head !== undefined);
      assert.equal(field(head, 'upgrade'), undefined);
      assert.equal(field(head, 'http2-settings'), undefined);
    },
  ));
