import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A process must listen within this; the figure is for a machine that does much else. */
const START_TIMEOUT_MS = 30_000;
/** After SIGTERM a process has so long to end by itself. */
const STOP_TIMEOUT_MS = 3_000;
const POLL_MS = 20;
/** Kept of what a process prints, to show when it fails. */
const MAX_OUTPUT_CHARS = 4_000;

export interface StartOptions {
  /** CPU core it is pinned to; default: as the bench itself. */
  readonly core?: number | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** The processes and files of one bench run. Nothing of them outlives the bench, however it ends. */
export class Workbench {
  readonly #folder = mkdtempSync(join(tmpdir(), 'breakwater-bench-'));
  readonly #running = new Set<BenchProcess>();
  #folders = 0;

  constructor() {
    process.on('exit', () => this.#abandon());
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => process.exit(130));
  }

  /** A new folder, empty. */
  folder(name: string): string {
    const path = join(this.#folder, `${name}-${++this.#folders}`);
    mkdirSync(path);
    return path;
  }

  start(name: string, command: readonly string[], options: StartOptions = {}): BenchProcess {
    const pin = options.core === undefined ? [] : ['taskset', '-c', String(options.core)];
    const [file, ...args] = [...pin, ...command];
    const child = spawn(file!, args, {
      cwd: options.cwd ?? this.#folder,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new BenchProcess(name, child);
    this.#running.add(started);
    started.ended.then(() => this.#running.delete(started));
    return started;
  }

  #abandon(): void {
    for (const running of this.#running) running.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class BenchProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly ended: Promise<void>;
  #output = '';
  #stdout = '';
  #hasEnded = false;

  constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout = (this.#stdout + text).slice(-MAX_OUTPUT_CHARS);
      this.#keep(text);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    this.ended = new Promise(resolve => {
      child.once('error', error => {
        this.#keep(error.message);
        this.#hasEnded = true;
        resolve();
      });
      child.once('close', () => {
        this.#hasEnded = true;
        resolve();
      });
    });
  }

  /** taskset replaces itself with the command: this is the command's own process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What it wrote to standard output, its end. */
  get stdout(): string {
    return this.#stdout;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** An error that shows what the process said last. */
  failure(what: string): Error {
    const said = this.#output.trim();
    return new Error(`${this.name} ${what}${said === '' ? '' : `; it said:\n${said}`}`);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-MAX_OUTPUT_CHARS);
  }
}

/** Fails when somebody else listens there: the bench would measure them. */
export async function requireFree(address: Address): Promise<void> {
  if (await accepts(address))
    throw new Error(`${address.host}:${address.port} is taken: the bench needs it, stop what listens there`);
}

export async function untilListening(process: BenchProcess, address: Address): Promise<void> {
  await untilReady(process, `did not listen on ${address.host}:${address.port}`, () => accepts(address));
}

/** Waits until `isReady`; fails when the process ends before, or takes too long, and ends it then. */
export async function untilReady(
  process: BenchProcess,
  failure: string,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady())) {
    if (process.hasEnded) throw process.failure('ended at its start');
    if (Date.now() > deadline) {
      await process.stop();
      throw process.failure(`${failure} within ${START_TIMEOUT_MS / 1000} s`);
    }
    await delay(POLL_MS);
  }
}

async function accepts({ host, port }: Address): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
