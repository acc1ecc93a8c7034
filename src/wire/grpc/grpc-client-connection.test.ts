import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { test } from 'node:test';
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

test('a server that accepts and says nothing is given up after a second, and tried again', async () => {
  const { server, port, accepted } = await silent();
  const reasons: string[] = [];
  const twice = Promise.withResolvers<void>();
  const connection = new GrpcConnection(
    { address: '127.0.0.1', port, tls: undefined },
    {
      lost: reason => {
        reasons.push(reason);
        if (reasons.length === 2) twice.resolve();
      },
      fault: assert.fail,
    },
  );
  // Its own timers do not keep a process running.
  const keep = setInterval(() => {}, 1000);
  await twice.promise;
  clearInterval(keep);
  assert.deepEqual(reasons, ['no HTTP/2 within 1000 ms', 'no HTTP/2 within 1000 ms']);
  assert.equal(accepted(), 2);
  assert.equal(connection.isOpen, false);
  connection.close();
  server.close();
});

test('a server that is not there is tried again, slower each time', async () => {
  const { server, port } = await silent();
  await new Promise(resolve => server.close(resolve));
  const at: number[] = [];
  const four = Promise.withResolvers<void>();
  const connection = new GrpcConnection(
    { address: '127.0.0.1', port, tls: {} },
    {
      lost: () => {
        at.push(performance.now());
        if (at.length === 4) four.resolve();
      },
      fault: assert.fail,
    },
  );
  const keep = setInterval(() => {}, 1000);
  await four.promise;
  clearInterval(keep);
  connection.close();
  const gaps = at.slice(1).map((ms, i) => ms - (at[i] as number));
  assert.ok(gaps[0]! >= 49 && gaps[1]! >= 99 && gaps[2]! >= 199, `${gaps}`);
});
