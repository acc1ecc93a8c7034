import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '@bufbuild/protobuf';
import { envoyPath } from './envoy.ts';
import { until } from './until.ts';

/** An Envoy of its own process, with its admin interface on a free port of the loopback. */
export class EnvoyProcess {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly admin: string;
  log = '';

  private constructor(child: ChildProcess, folder: string, admin: string) {
    this.#process = child;
    this.#folder = folder;
    this.admin = admin;
  }

  static async start(bootstrap: JsonValue, concurrency = 1): Promise<EnvoyProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'breakwater-envoy-'));
    const config = join(folder, 'bootstrap.json');
    const address = join(folder, 'admin');
    await writeFile(config, JSON.stringify(bootstrap));
    const flags = [
      '-c',
      config,
      '--admin-address-path',
      address,
      '--concurrency',
      String(concurrency),
      '-l',
      'info',
    ];
    const child = spawn(await envoyPath(), [...flags, '--use-dynamic-base-id'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    const collect = (chunk: Buffer) => {
      log += chunk;
    };
    child.stderr!.on('data', collect);
    const admin = await until('Envoy has an admin port', async () => {
      if (child.exitCode !== null) throw new Error(`Envoy ended with ${child.exitCode}:\n${log}`);
      const text = await readFile(address, 'utf8').catch(() => '');
      return text === '' ? undefined : text.trim();
    });
    const made = new EnvoyProcess(child, folder, `http://${admin}`);
    made.log = log;
    child.stderr!.off('data', collect).on('data', (chunk: Buffer) => {
      made.log += chunk;
    });
    return made;
  }

  async get(path: string): Promise<string> {
    const response = await fetch(`${this.admin}${path}`);
    return await response.text();
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.get(path)) as Record<string, unknown>;
  }

  /** Of a counter or gauge. */
  async stat(name: string): Promise<number> {
    const line = (await this.get(`/stats?filter=^${name.replaceAll('.', '\\.')}$`)).trim();
    return Number(line.split(': ')[1] ?? 0);
  }

  /** Port that a listener is bound to, when it takes connections. */
  async port(listener: string): Promise<number> {
    return await until(`Envoy listens for ${listener}`, async () => {
      const { listener_statuses: all = [] } = (await this.json(
        '/listeners?format=json',
      )) as unknown as Listeners;
      return all.find(({ name }) => name === listener)?.local_address.socket_address.port_value;
    });
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null && this.#process.kill('SIGKILL')) await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface Listeners {
  readonly listener_statuses?: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address: { readonly port_value: number } };
  }[];
}
