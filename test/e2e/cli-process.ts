import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'bin', 'breakwater.js');
export const seed = join(root, 'examples', 'circuit-breaking');

/** A command must end, and `up` must be ready, within this; the figure is for a machine that does much else. */
const PATIENCE_MS = 120_000;

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for state files: tests do not find each other's servers. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'breakwater-cli-'));
  readonly env: NodeJS.ProcessEnv = { ...process.env, XDG_RUNTIME_DIR: this.folder, npm_command: '' };
  readonly #running: Up[] = [];

  /** Runs a command to its end. */
  run(args: readonly string[], input = ''): Promise<Result> {
    return this.#exec(process.execPath, [bin, ...args], input);
  }

  /** Runs a shell line in which `breakwater` is the command. */
  shell(line: string): Promise<Result> {
    return this.#exec('sh', ['-c', `breakwater() { "${process.execPath}" "${bin}" "$@"; }; ${line}`], '');
  }

  /**
   * Starts `up` and waits until it is ready.
   * @param options.port of the listener, which moves to a free one
   */
  async up(args: readonly string[], { port = 80 }: { readonly port?: number } = {}): Promise<Up> {
    const offset = ['--port-offset', String((await freePort()) - port)];
    const child = spawn(process.execPath, [bin, 'up', ...args, ...offset, '--admin-address', '127.0.0.1:0'], {
      cwd: this.folder,
      env: this.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const up = new Up(child);
    this.#running.push(up);
    await up.until(/Ctrl-C ends it\./);
    return up;
  }

  /** Starts a command that goes on. */
  start(args: readonly string[]): { child: ChildProcess; output: Up } {
    const child = spawn(process.execPath, [bin, ...args], { cwd: this.folder, env: this.env });
    const output = new Up(child);
    this.#running.push(output);
    return { child, output };
  }

  async close(): Promise<void> {
    for (const up of this.#running) await up.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #exec(file: string, args: readonly string[], input: string): Promise<Result> {
    return new Promise(resolve => {
      const child = execFile(
        file,
        [...args],
        { cwd: this.folder, env: this.env, timeout: PATIENCE_MS, encoding: 'utf8' },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, stdout, stderr });
        },
      );
      child.stdin?.end(input);
    });
  }
}

/** A running command, `up` for the most part. */
export class Up {
  readonly child: ChildProcess;
  /** Both streams, as they came. */
  output = '';
  readonly #exited: Promise<unknown>;
  #onOutput = () => {};

  constructor(child: ChildProcess) {
    this.child = child;
    this.#exited = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#onOutput();
      });
    this.#exited.then(() => this.#onOutput());
  }

  /** Waits until the output matches; fails with the output when the process ends or time is up. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      if (this.child.exitCode !== null || Date.now() > deadline)
        throw new Error(
          `no ${pattern} in the output of \`up\` (exit code ${this.child.exitCode}):\n${this.output}`,
        );
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.#onOutput = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The exit code. */
  async exited(): Promise<number | null> {
    await this.#exited;
    return this.child.exitCode;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.#exited;
  }
}
