import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Run } from './claims/claim.ts';
import { breakwaterManifests } from './gateways/breakwater-manifests.ts';
import { type Address, type BenchProcess, requireFree, untilListening } from './processes.ts';
import { ENDPOINTS } from './upstream/endpoints.ts';

const COMMAND = fileURLToPath(new URL('../bin/breakwater.js', import.meta.url));
const HEALTH_PORT = 19_003;
const METRICS_PORT = 19_090;

export const PICKER: Address = { host: '127.0.0.1', port: 19_002 };

/** `breakwater picker` of the bench's pool, on the gateway's core. @param more further flags */
export async function startPicker(
  { bench, cores }: Pick<Run, 'bench' | 'cores'>,
  more: readonly string[] = [],
): Promise<BenchProcess> {
  await requireFree(PICKER);
  const folder = bench.folder('picker');
  const manifests = join(folder, 'pool.yaml');
  writeFileSync(manifests, breakwaterManifests(ENDPOINTS));
  const flags = (process.env['BENCH_NODE_FLAGS'] ?? '').split(' ').filter(flag => flag !== '');
  const started = bench.start(
    'breakwater picker',
    [
      ...[process.execPath, ...flags, COMMAND, 'picker', '--pool', 'default/bench', '-f', manifests],
      ...['--address', PICKER.host, '--grpc-port', String(PICKER.port), '--secure-serving=false'],
      ...['--grpc-health-port', String(HEALTH_PORT), '--metrics-port', String(METRICS_PORT), ...more],
    ],
    { core: cores.gateway, cwd: folder },
  );
  await untilListening(started, PICKER);
  return started;
}
