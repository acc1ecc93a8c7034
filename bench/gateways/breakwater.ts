import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chatBody } from '../load/chat-body.ts';
import { type Address, type BenchProcess, requireFree, untilReady } from '../processes.ts';
import { breakwaterManifests } from './breakwater-manifests.ts';
import { GATEWAY_ADDRESS, type Gateway } from './gateway.ts';

const COMMAND = fileURLToPath(new URL('../../bin/breakwater.js', import.meta.url));
const ADMIN: Address = { host: '127.0.0.1', port: 18081 };
const PROBE_TIMEOUT_MS = 2_000;

/** Breakwater as users run it: one worker, JSON parsed, an endpoint picked by its metrics for every request. */
export const breakwater: Gateway = {
  name: 'Breakwater',
  async start({ bench, cores, endpoints }) {
    await requireFree(ADMIN);
    const folder = bench.folder('breakwater');
    const manifests = join(folder, 'gateway.yaml');
    writeFileSync(manifests, breakwaterManifests(endpoints));
    const started = bench.start(
      'Breakwater',
      [
        ...[process.execPath, ...nodeFlags(), COMMAND, 'up', '-f', manifests],
        ...['--workers', '1', '--simulate', 'never', '--port-offset', '0'],
        ...['--admin-address', `${ADMIN.host}:${ADMIN.port}`],
      ],
      // A folder of its own for state: other commands of the user do not find this server.
      { core: cores.gateway, cwd: folder, env: { ...process.env, XDG_RUNTIME_DIR: folder } },
    );
    await untilServing(started);
    return started;
  },
};

/** More flags for its Node, e.g. BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir=profiles". */
function nodeFlags(): string[] {
  return (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter(flag => flag !== '');
}

/** It listens before it knows its endpoints: ready is when a chat request is answered. */
async function untilServing(started: BenchProcess): Promise<void> {
  let answer = '';
  try {
    await untilReady(started, 'did not answer a chat request', async () => {
      answer = await probe();
      return answer === '200';
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\nThe last chat request got: ${answer}`);
  }
}

async function probe(): Promise<string> {
  try {
    const { host, port } = GATEWAY_ADDRESS;
    const response = await fetch(`http://${host}:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: chatBody(0),
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    const body = await response.text();
    return response.ok ? '200' : `${response.status} ${body.slice(0, 200)}`;
  } catch (error) {
    return (error as Error).message;
  }
}
