import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Envoy that `ENVOY` names, or on the PATH. */
export function findEnvoy(): string | undefined {
  const named = process.env['ENVOY'];
  if (named !== undefined && named !== '') return named;
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, 'envoy'))
    .find(path => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** For tests that need it: why they are skipped, or false. */
export const withoutEnvoy = findEnvoy() === undefined && 'no Envoy: ENVOY names none, and the PATH has none';

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

export interface RunningEnvoy {
  readonly admin: string;
  /** Port of the listener. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a real Envoy with a bootstrap whose only listener has port 0. */
export async function startEnvoy(staticResources: object, concurrency: number): Promise<RunningEnvoy> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-envoy-'));
  const config = join(folder, 'envoy.json');
  const adminFile = join(folder, 'admin');
  const admin = { address: { socket_address: { address: '127.0.0.1', port_value: 0 } } };
  writeFileSync(config, JSON.stringify({ admin, static_resources: staticResources }));
  const child = spawn(
    findEnvoy() ?? 'envoy',
    [
      ...['-c', config, '--concurrency', String(concurrency), '--use-dynamic-base-id'],
      ...['--admin-address-path', adminFile, '--log-level', 'warning'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-8000);
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const address = await untilReady(child, adminFile);
    return { admin: address, port: await listenerPort(address), stop };
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${log}`, { cause: error });
  }
}

async function untilReady(child: ChildProcess, adminFile: string): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`Envoy ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error('Envoy did not get ready');
    try {
      const address = `http://${readFileSync(adminFile, 'utf8').trim()}`;
      if ((await fetch(`${address}/ready`)).status === 200) return address;
    } catch {
      // Not written, or not listening yet.
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}

async function listenerPort(admin: string): Promise<number> {
  const text = await (await fetch(`${admin}/listeners?format=json`)).text();
  const { listener_statuses: listeners } = JSON.parse(text) as {
    listener_statuses: { local_address: { socket_address: { port_value: number } } }[];
  };
  return listeners[0]!.local_address.socket_address.port_value;
}
