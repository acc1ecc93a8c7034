import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { RunningProgram } from '../program.ts';
import { type PodPlace, within } from './pod-network.ts';
import { asUser, type ContainerRoot, containerCommand } from './root.ts';

export interface Executed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly signal?: AbortSignal;
  readonly input?: string | undefined;
}

/** A container that was started: one process in the Pod's network, in a root of its own, and commands beside it. */
export class ContainerProcess {
  readonly #program: RunningProgram;
  readonly #root: ContainerRoot;
  readonly #environment: Readonly<Record<string, string>>;
  readonly startedAt = new Date();

  private constructor(
    program: RunningProgram,
    root: ContainerRoot,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#program = program;
    this.#root = root;
    this.#environment = environment;
  }

  static async start(
    name: string,
    place: PodPlace,
    root: ContainerRoot,
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
    log: string,
  ): Promise<ContainerProcess> {
    await mkdir(root.folder, { recursive: true });
    const whole = within(place, containerCommand(root, command));
    return new ContainerProcess(new RunningProgram(name, whole, log, environment), root, environment);
  }

  get hasEnded(): boolean {
    return this.#program.hasEnded;
  }

  /** As a container engine tells it: 128 and the signal's number when it was killed. */
  get exitCode(): number {
    return this.#program.exitCode;
  }

  /** Whether its own command runs, or has run: its root is made. */
  async hasBegun(): Promise<boolean> {
    if (this.hasEnded) return true;
    try {
      const [own, ours] = await Promise.all([stat(`/proc/${this.#program.pid}/root/`), stat('/')]);
      return own.dev !== ours.dev;
    } catch {
      return this.hasEnded;
    }
  }

  /** A command in the container: the same root, network, user and environment. Fails when the container has ended. */
  async exec(command: readonly string[], { signal, input }: ExecOptions = {}): Promise<Executed> {
    if (this.hasEnded || !(await this.hasBegun())) throw new Error(`${this.#program.name} does not run`);
    const spaces = ['--mount', '--net', '--uts', '--ipc', '--root'];
    const whole = ['--target', `${this.#program.pid}`, ...spaces, '--', ...asUser(this.#root), ...command];
    return await new Promise<Executed>((resolve, reject) => {
      const options = { env: this.#environment, maxBuffer: 256 * 1024 * 1024, ...(signal && { signal }) };
      const child = execFile('nsenter', whole, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else if (error?.signal) resolve({ code: 137, stdout, stderr });
        else reject(error);
      });
      child.stdin?.on('error', () => undefined).end(input);
    });
  }

  /** A signal to its process alone; of `kill -9` it hears nothing. */
  kill(signal: NodeJS.Signals): void {
    const { pid } = this.#program;
    if (pid !== undefined && !this.hasEnded) process.kill(pid, signal);
  }

  async stop(graceMs: number): Promise<void> {
    await this.#program.stop(graceMs);
  }
}
