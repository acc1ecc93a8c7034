import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range that the system gives out by itself (from 32768 on Linux), so that nothing takes it meanwhile. */
const FROM = 12_000;
const BELOW = 22_000;

/** A port that nobody listens on, on any loopback address; the one 10000 further is outside the system's range too. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FROM + Math.floor(Math.random() * (BELOW - FROM));
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '0.0.0.0');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
