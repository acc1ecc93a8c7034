import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PICKER } from '../picker-process.ts';
import { untilListening } from '../processes.ts';
import { breakwaterManifests } from './breakwater-manifests.ts';
import { GATEWAY_ADDRESS, type Gateway } from './gateway.ts';

const COMMAND = fileURLToPath(new URL('../../bin/breakwater.js', import.meta.url));

/** Who is told of requests that have ended: nobody, the picker, or also standard output, as it is by default. */
const LOGS = {
  none: 'Envoy + picker',
  picker: 'Envoy + picker that is told the end',
  all: 'Envoy + picker as it is: also a log in JSON',
} as const;
type Logs = keyof typeof LOGS;

/** Envoy with one worker, as `breakwater translate --to envoy` says; the picker is a process of its own. */
export function envoyWithPicker(path: string, logs: Logs): Gateway {
  return {
    name: LOGS[logs],
    async start({ bench, cores, endpoints }) {
      const folder = bench.folder('envoy-with-picker');
      const manifests = join(folder, 'gateway.yaml');
      writeFileSync(manifests, breakwaterManifests(endpoints));
      const file = join(folder, 'envoy.json');
      writeFileSync(file, withLogs(configuration(manifests), logs));
      const flags = ['--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'error'];
      const started = bench.start(
        'Envoy',
        ['sh', '-c', 'exec "$@" >/dev/null', 'sh', path, '-c', file, ...flags],
        { core: cores.gateway },
      );
      await untilListening(started, GATEWAY_ADDRESS);
      return started;
    },
  };
}

function configuration(manifests: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[COMMAND, 'translate', '-f', manifests, '--to', 'envoy', '-o', 'json'],
      ...['--address', GATEWAY_ADDRESS.host, '--picker', `${PICKER.host}:${PICKER.port}`],
      ...['--envoy-admin', '127.0.0.1:0'],
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`translate --to envoy failed: ${stderr}`);
  return stdout;
}

function withLogs(config: string, logs: Logs): string {
  if (logs === 'all') return config;
  const isKept = ({ name }: { readonly name: string }) =>
    logs === 'picker' && name === 'envoy.access_loggers.http_grpc';
  return JSON.stringify(
    JSON.parse(config, (key, value) => (key === 'accessLog' ? value.filter(isKept) : value)),
  );
}
