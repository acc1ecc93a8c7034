import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { endGently } from './end-gently.ts';

const LENGTH = 16 * 1024 * 1024;

test('a client that reads late still gets all that was written', async t => {
  const server = createServer(socket => {
    socket.write(Buffer.alloc(LENGTH));
    endGently(socket);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  // Longer than it lingers after what was written has been taken.
  await new Promise(resolve => setTimeout(resolve, 1200));
  let received = 0;
  client.on('data', bytes => {
    received += bytes.length;
  });
  await once(client, 'close');
  assert.equal(received, LENGTH);
});

test('a client that goes on sending is cut off after a moment, and does not lose the answer', async t => {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer(socket => {
    socket.write('answer');
    endGently(socket);
    accepted.resolve(socket);
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  client.on('error', () => {});
  const sending = setInterval(() => client.write('more'), 5);
  t.after(() => clearInterval(sending));
  const [answer] = await once(client, 'data');
  assert.equal(String(answer), 'answer');
  await once(await accepted.promise, 'close');
});
