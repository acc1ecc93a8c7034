import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** A process of the lab. It ends with the lab's own process, however that ends: the kernel sees to it (PR_SET_PDEATHSIG). */
export class RunningProgram {
  readonly name: string;
  readonly log: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(
    name: string,
    command: readonly [string, ...string[]],
    log: string,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.name = name;
    this.log = log;
    const output = openSync(log, 'a');
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
      stdio: ['ignore', output, output],
      env,
    });
    this.#exit = once(this.#child, 'exit').catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Of a shell: 128 and the number of the signal that ended it; 127 when it could not be started. */
  get exitCode(): number {
    const { exitCode, signalCode } = this.#child;
    if (signalCode !== null) return 128 + constants.signals[signalCode];
    return exitCode ?? 127;
  }

  get exit(): Promise<unknown> {
    return this.#exit;
  }

  /** Fails with the end of its log once it has ended. */
  async assertRuns(): Promise<void> {
    if (!this.hasEnded) return;
    const text = await readFile(this.log, 'utf8').catch(() => '');
    throw new Error(`${this.name} ended with ${this.#child.exitCode}:\n${text.slice(-3000)}`);
  }

  /** SIGTERM; what is not gone in time is killed. */
  async stop(withinMs = 10_000): Promise<void> {
    if (this.hasEnded || !this.#child.kill('SIGTERM')) return;
    const timer = new AbortController();
    await Promise.race([
      this.#exit,
      delay(withinMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
    await this.kill();
  }

  async kill(): Promise<void> {
    if (!this.hasEnded && this.#child.kill('SIGKILL')) await this.#exit;
  }
}
