import { fileURLToPath } from 'node:url';
import type { Cores } from '../cores.ts';
import {
  type Address,
  type BenchProcess,
  requireFree,
  untilListening,
  type Workbench,
} from '../processes.ts';

const SERVER = fileURLToPath(new URL('stream-server.ts', import.meta.url));

/** Model servers that stream: every stream gets one event every `intervalMs`. */
export async function startStreamUpstream(
  bench: Workbench,
  cores: Cores,
  endpoints: readonly Address[],
  intervalMs: number,
): Promise<BenchProcess> {
  for (const endpoint of endpoints) await requireFree(endpoint);
  const addresses = endpoints.map(({ host, port }) => `${host}:${port}`);
  const started = bench.start(
    'upstream (streams)',
    [process.execPath, SERVER, String(intervalMs), ...addresses],
    { core: cores.load },
  );
  for (const endpoint of endpoints) await untilListening(started, endpoint);
  return started;
}
