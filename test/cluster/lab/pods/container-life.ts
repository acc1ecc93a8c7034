import type { ContainerProcess } from './container-process.ts';
import type { Container, Probe } from './pod.ts';
import type { ContainerState, ContainerStatus } from './pod-status.ts';
import { get, probe } from './probe.ts';
import { ProbeCount } from './probe-count.ts';

export interface ContainerSurroundings {
  /** Of the Pod, once it runs. */
  readonly address: () => string;
  readonly restartPolicy: string;
  readonly graceMs: number;
  /** Fails with `NotStarted` when it cannot be. */
  readonly start: () => Promise<ContainerProcess>;
}

/** Why a container waits: the reason of its status, as a kubelet names it. */
export class NotStarted extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Nobody learns more by waiting longer for what is ready already. */
const READINESS_PERIOD_MS = 250;
const FIRST_BACK_OFF_MS = 250;
/** A kubelet's is 5 minutes. */
const LAST_BACK_OFF_MS = 5000;
const FORGOTTEN_AFTER_MS = 10_000;

/** A container of a Pod: started, probed, and started again as its Pod's restart policy says. */
export class ContainerLife {
  readonly container: Container;
  readonly #with: ContainerSurroundings;
  #process: ContainerProcess | undefined;
  #state: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' };
  #last: ContainerState | undefined;
  #restarts = 0;
  #backOffMs = FIRST_BACK_OFF_MS;
  #startAtMs = 0;
  #startup: ProbeCount | undefined;
  #readiness: ProbeCount | undefined;
  #liveness: ProbeCount | undefined;

  constructor(container: Container, surroundings: ContainerSurroundings) {
    this.container = container;
    this.#with = surroundings;
  }

  get status(): ContainerStatus {
    const isStarted = this.#state.kind === 'running' && (this.#startup?.passes ?? true);
    return {
      container: this.container,
      state: this.#state,
      last: this.#last,
      restarts: this.#restarts,
      isStarted,
      isReady: isStarted && (this.#readiness?.passes ?? true),
    };
  }

  /** What it runs now. */
  get process(): ContainerProcess | undefined {
    return this.#process;
  }

  /** It may not start yet. */
  hold(message: string): void {
    if (this.#process === undefined && this.#state.kind === 'waiting')
      this.#state = { ...this.#state, message };
  }

  /** One turn: starts what is to be started, asks what is due, sees what has ended. */
  async step(nowMs: number): Promise<void> {
    if (this.#process === undefined) {
      if (this.#state.kind !== 'terminated' && nowMs >= this.#startAtMs) await this.#start(nowMs);
    } else if (this.#process.hasEnded) this.#ended(this.#process, nowMs);
    else if (this.#state.kind === 'running') await this.#ask(this.#process, nowMs);
    else if (await this.#process.hasBegun())
      this.#state = { kind: 'running', startedAt: this.#process.startedAt };
  }

  /** preStop and SIGTERM, within the grace period together. */
  async stop(graceMs: number): Promise<void> {
    const process = this.#process;
    if (process === undefined || process.hasEnded) return;
    const began = performance.now();
    if (graceMs > 0) await this.#preStop(process, graceMs);
    await process.stop(Math.max(graceMs - (performance.now() - began), 0));
  }

  async #start(nowMs: number): Promise<void> {
    try {
      this.#process = await this.#with.start();
    } catch (error) {
      const reason = error instanceof NotStarted ? error.reason : 'CreateContainerConfigError';
      this.#state = { kind: 'waiting', reason, message: String((error as Error).message) };
      return;
    }
    const { startupProbe, readinessProbe, livenessProbe } = this.container;
    this.#startup = startupProbe && new ProbeCount(startupProbe, false, nowMs, READINESS_PERIOD_MS * 4);
    this.#readiness = readinessProbe && new ProbeCount(readinessProbe, false, nowMs, READINESS_PERIOD_MS);
    this.#liveness = livenessProbe && new ProbeCount(livenessProbe, true, nowMs);
  }

  #ended({ exitCode, startedAt }: ContainerProcess, nowMs: number): void {
    const finishedAt = new Date();
    const ended: ContainerState = { kind: 'terminated', exitCode, startedAt, finishedAt };
    this.#process = undefined;
    const { restartPolicy } = this.#with;
    if (restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && exitCode === 0)) {
      this.#state = ended;
      return;
    }
    if (finishedAt.getTime() - startedAt.getTime() > FORGOTTEN_AFTER_MS) this.#backOffMs = FIRST_BACK_OFF_MS;
    this.#last = ended;
    this.#restarts++;
    this.#startAtMs = nowMs + this.#backOffMs;
    this.#state = { kind: 'waiting', reason: 'CrashLoopBackOff', message: `ended with ${exitCode}` };
    this.#backOffMs = Math.min(this.#backOffMs * 2, LAST_BACK_OFF_MS);
  }

  /** Until the startup probe has passed it is the only one that is asked. */
  async #ask(process: ContainerProcess, nowMs: number): Promise<void> {
    const isStarting = this.#startup !== undefined && !this.#startup.passes;
    const due = (isStarting ? [this.#startup] : [this.#readiness, this.#liveness]).filter(
      count => count?.isDue(nowMs) === true,
    ) as ProbeCount[];
    for (const count of due) {
      count.record(await this.#probe(count.probe, process), nowMs);
      const isDead = count === this.#startup ? count.failed : count === this.#liveness && !count.passes;
      if (isDead) await this.stop(this.#with.graceMs);
    }
  }

  async #probe(what: Probe, process: ContainerProcess): Promise<boolean> {
    const address = this.#with.address();
    const { ports = [] } = this.container;
    const exec = async (command: readonly string[], signal: AbortSignal) =>
      (await process.exec(command, { signal })).code;
    return await probe(what, { address, ports, exec });
  }

  async #preStop(process: ContainerProcess, graceMs: number): Promise<void> {
    const { exec, httpGet, sleep } = this.container.lifecycle?.preStop ?? {};
    const signal = AbortSignal.timeout(graceMs);
    try {
      if (exec !== undefined) await process.exec(exec.command, { signal });
      if (httpGet !== undefined) await get(httpGet, this.#with.address(), this.container.ports ?? [], signal);
      if (sleep !== undefined) await process.exec(['sleep', `${sleep.seconds}`], { signal });
    } catch {
      // A hook that fails, or is not done in time, keeps nothing from ending.
    }
  }
}
