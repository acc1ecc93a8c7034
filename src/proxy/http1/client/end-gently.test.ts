import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../../../../test/support/until.ts';
import { VirtualClock } from '../../../kernel/virtual-clock-for-test.ts';
import { endGently } from './end-gently.ts';

const { clock } = VirtualClock.use();

const LENGTH = 16 * 1024 * 1024;

test('a client that reads late still gets all that was written', async t => {
  const accepted = Promise.withResolvers<void>();
  const server = createServer(socket => {
    socket.write(Buffer.alloc(LENGTH));
    endGently(socket);
    accepted.resolve();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  await accepted.promise;
  // Far longer than it lingers after what was written has been taken.
  await clock.advance(600_000);
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
  const socket = await accepted.promise;
  await until('it lingers', () => clock.waitingMs.length === 1);
  await clock.advance(999);
  assert.equal(socket.destroyed, false);
  await clock.advance(1);
  assert.equal(socket.destroyed, true);
});
