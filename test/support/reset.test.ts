import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';

const PATIENCE_MS = 60_000;

/** A process that resets one of its connections, then has nothing more to do. @param way what is done to `socket` */
async function exitOf(way: string): Promise<string> {
  const program = `
    import { connect, createServer } from 'node:net';
    import { reset } from ${JSON.stringify(join(import.meta.dirname, 'reset.ts'))};
    const server = createServer(other => {
      other.on('error', error => console.log(error.code)).on('end', () => console.log('end')).resume();
      server.close();
    });
    server.listen(0, '127.0.0.1', () => {
      const socket = connect(server.address().port, '127.0.0.1', () => { ${way} });
    });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', chunk => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  return `${code} ${output.trim()}`;
}

test('a connection is reset', async () => {
  assert.equal(await exitOf('reset(socket)'), '0 ECONNRESET');
});

test('a connection whose end is on its way is closed, and the process ends', async () => {
  assert.equal(await exitOf('socket.end(); process.nextTick(() => reset(socket))'), '0 end');
});
