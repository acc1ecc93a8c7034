import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { ConnectionHandoff } from './connection-handoff.ts';

/** The one that follows listens on the same port of another address. */
const FOLLOWER = '127.0.0.2';

interface Bench {
  readonly port: number;
  readonly handoff: ConnectionHandoff;
  emptied: number;
}

async function withHandoff(run: (bench: Bench) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  const follower = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', bytes => socket.write(`follower: ${bytes}`));
  });
  const port = await listen(follower, FOLLOWER, 0);
  const bench: Bench = { port, handoff: new ConnectionHandoff(port, () => bench.emptied++), emptied: 0 };
  const old = createServer(socket => {
    sockets.add(socket);
    bench.handoff.accept(socket);
  });
  await listen(old, '127.0.0.1', port);
  try {
    await run(bench);
  } finally {
    for (const socket of sockets) socket.destroy();
    old.close();
    follower.close();
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen({ host, port });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function ask(port: number, text: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return { socket, answer: answerOf(socket) };
}

function answerOf(socket: Socket): Promise<string> {
  return new Promise(resolve => {
    socket.once('data', bytes => resolve(String(bytes)));
    socket.once('close', () => resolve('nothing'));
  });
}

test('who comes before it is known who follows waits, with what it has sent, and is led on', () =>
  withHandoff(async ({ port, handoff }) => {
    const early = await Promise.all(['a', 'b', 'c'].map(text => ask(port, text)));
    handoff.to(FOLLOWER);
    assert.deepEqual(await Promise.all(early.map(({ answer }) => answer)), [
      'follower: a',
      'follower: b',
      'follower: c',
    ]);
    const late = await ask(port, 'd');
    assert.equal(await late.answer, 'follower: d');
  }));

test('when clients leave nothing is left of them', () =>
  withHandoff(async bench => {
    bench.handoff.to(FOLLOWER);
    const { socket, answer } = await ask(bench.port, 'a');
    await answer;
    assert.equal(bench.handoff.size, 1);
    socket.destroy();
    while (bench.handoff.size > 0) await new Promise(resolve => setImmediate(resolve));
    assert.equal(bench.emptied, 1);
  }));

test('who follows and refuses ends the connection; who waits when it is given up as well', () =>
  withHandoff(async ({ port, handoff }) => {
    const waiting = await ask(port, 'a');
    handoff.giveUp();
    assert.equal(await waiting.answer, 'nothing');
    handoff.to('127.0.0.3');
    const refused = await ask(port, 'b');
    assert.equal(await refused.answer, 'nothing');
    assert.equal(handoff.size, 0);
  }));
