import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { VirtualClock } from '../../kernel/virtual-clock-for-test.ts';
import { GrpcConnection } from './grpc-client-connection.ts';

/** Accepts, and says nothing. */
async function silent(): Promise<{ readonly server: Server; readonly port: number; accepted(): number }> {
  let accepted = 0;
  const server = createServer(socket => {
    accepted++;
    socket.on('error', () => {});
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port, accepted: () => accepted };
}

test('a server that accepts and says nothing is given up after a second, and tried again', async t => {
  const { clock, end } = VirtualClock.use();
  t.after(end);
  const { server, port, accepted } = await silent();
  const reasons: string[] = [];
  const connection = new GrpcConnection(
    { address: '127.0.0.1', port, tls: undefined },
    { lost: reason => reasons.push(reason), fault: assert.fail },
  );
  t.after(() => {
    connection.close();
    server.close();
  });
  for (const times of [1, 2]) {
    await until('it is accepted', () => accepted() === times);
    await clock.advance(999);
    assert.equal(reasons.length, times - 1);
    await clock.advance(1);
    await until('it is given up', () => reasons.length === times);
    await clock.advance(50);
  }
  assert.deepEqual(reasons, ['no HTTP/2 within 1000 ms', 'no HTTP/2 within 1000 ms']);
  assert.equal(connection.isOpen, false);
});

test('a server that is not there is tried again, slower each time', async t => {
  const { clock, end } = VirtualClock.use();
  t.after(end);
  const { server, port } = await silent();
  await new Promise(resolve => server.close(resolve));
  let lost = 0;
  const connection = new GrpcConnection(
    { address: '127.0.0.1', port, tls: {} },
    { lost: () => lost++, fault: assert.fail },
  );
  t.after(() => connection.close());
  const waits: number[] = [];
  for (const times of [1, 2, 3]) {
    await until('it is lost', () => lost === times);
    waits.push(await clock.step());
  }
  assert.deepEqual(waits, [50, 100, 200]);
});
