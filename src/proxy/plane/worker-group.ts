import type { EndpointTable } from '../../endpoints/index.ts';
import { type ByteBudget, monotonicMs, startTimer, stopTimer, type Timer } from '../../kernel/index.ts';
import type { LimitTable } from '../../limits/index.ts';
import type { Acceptance, LeftOut } from '../../plan/index.ts';
import type { Decision } from '../../request/index.ts';
import type { Assignment, WorkerInit } from '../worker/messages.ts';
import { WorkerThread } from './worker-thread.ts';

export interface WorkerGroupParts {
  readonly count: number;
  readonly limits: LimitTable;
  readonly endpoints: EndpointTable;
  readonly bodies: ByteBudget;
  readonly init: Omit<WorkerInit, 'worker'>;
  readonly onEvent: (message: string, severity: 'info' | 'warning' | 'error') => void;
}

/**
 * How long after its death a worker is started again, slower as long as it keeps dying. Until then what it held is not
 * given back: model servers need a moment to see that its connections are closed.
 */
const RESTART_DELAYS_MS = [100, 500, 1000, 5000];
/** A worker that lived so long is well. */
const WELL_AFTER_MS = 30_000;

/** The workers of the plane. One that dies gives back what it held, and is started again with what the others serve. */
export class WorkerGroup {
  readonly count: number;
  restarts = 0;
  readonly #parts: WorkerGroupParts;
  readonly #threads = new Map<number, WorkerThread>();
  readonly #startedAtMs = new Map<number, number>();
  readonly #deaths = new Map<number, number>();
  readonly #timers = new Set<Timer>();
  #assignment: Assignment | undefined;
  #acceptance: Acceptance = 'all';
  #draining = false;
  #closing = false;

  constructor(parts: WorkerGroupParts) {
    this.#parts = parts;
    this.count = parts.count;
    for (let worker = 1; worker <= parts.count; worker++) this.#start(worker);
  }

  async ready(): Promise<void> {
    await Promise.all([...this.#threads.values()].map(thread => thread.ready));
  }

  /**
   * @returns what a worker cannot serve of it
   * @throws when a worker that lives refuses it; the others are then given what was served before
   */
  async apply(assignment: Assignment): Promise<LeftOut[]> {
    const before = this.#assignment;
    this.#assignment = assignment;
    const threads = [...this.#threads.values()];
    const results = await Promise.allSettled(
      threads.map(thread => thread.ask({ type: 'apply', assignment })),
    );
    const refusals = results.flatMap((result, i) =>
      // One that died meanwhile is started again with the new assignment.
      result.status === 'rejected' && this.#isAlive(threads[i] as WorkerThread)
        ? [result.reason as Error]
        : [],
    );
    const [refusal] = refusals;
    if (refusal === undefined) {
      const all = results.flatMap(each => (each.status === 'fulfilled' ? (each.value.leftOut ?? []) : []));
      return [...new Map(all.map(each => [JSON.stringify(each), each])).values()];
    }
    this.#assignment = before;
    if (before !== undefined)
      await Promise.allSettled(
        [...this.#threads.values()].map(thread => thread.ask({ type: 'apply', assignment: before })),
      );
    throw refusal;
  }

  async explain(requestId: string): Promise<Decision | undefined> {
    const answers = await Promise.allSettled(
      [...this.#threads.values()].map(thread => thread.ask({ type: 'explain', requestId })),
    );
    return answers
      .map(answer => (answer.status === 'fulfilled' ? answer.value.decision : undefined))
      .find(Boolean);
  }

  setAcceptance(acceptance: Acceptance): void {
    this.#acceptance = acceptance;
    for (const thread of this.#threads.values()) thread.setAcceptance(acceptance);
  }

  /** Connections that come are led on to this host; undefined: they wait for that. A worker that dies is not started again. */
  handOver(host: string | undefined): void {
    this.#draining = true;
    for (const thread of this.#threads.values()) thread.handOver(host);
  }

  /** No worker takes new connections, nor is one started again that dies. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.allSettled([...this.#threads.values()].map(thread => thread.ask({ type: 'drain' })));
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#timers) stopTimer(timer);
    await Promise.all([...this.#threads.values()].map(thread => thread.close()));
  }

  #isAlive(thread: WorkerThread): boolean {
    return this.#threads.get(thread.number) === thread;
  }

  #start(worker: number): void {
    this.#startedAtMs.set(worker, monotonicMs());
    const thread = new WorkerThread(
      { ...this.#parts.init, worker },
      {
        askedForIdle: slot => {
          for (const other of this.#threads.values()) if (other.number !== worker) other.yieldIdle(slot);
        },
        warned: message => this.#parts.onEvent(message, 'warning'),
        faulted: message => this.#parts.onEvent(`worker ${worker}: ${message}`, 'error'),
        died: reason => this.#died(worker, reason),
      },
    );
    this.#threads.set(worker, thread);
    thread.setAcceptance(this.#acceptance);
    const assignment = this.#assignment;
    if (assignment !== undefined)
      thread.ask({ type: 'apply', assignment }).catch((error: Error) => {
        this.#parts.onEvent(`worker ${worker} does not serve: ${error.message}`, 'error');
      });
  }

  #died(worker: number, reason: string): void {
    this.#threads.delete(worker);
    if (this.#closing) return;
    this.restarts++;
    const lived = monotonicMs() - (this.#startedAtMs.get(worker) ?? 0);
    const deaths = lived > WELL_AFTER_MS ? 0 : (this.#deaths.get(worker) ?? 0);
    this.#deaths.set(worker, deaths + 1);
    const delayMs = RESTART_DELAYS_MS[Math.min(deaths, RESTART_DELAYS_MS.length - 1)] as number;
    const again = this.#draining ? '' : ' and is started again';
    this.#parts.onEvent(
      `worker ${worker} died${again}; its requests are lost, and what they held is given back: ${reason}`,
      'error',
    );
    const timer = startTimer(delayMs, () => {
      this.#timers.delete(timer);
      this.#parts.limits.reclaim(worker);
      this.#parts.endpoints.reclaim(worker);
      this.#parts.bodies.reclaim(worker);
      if (!this.#draining) this.#start(worker);
    });
    this.#timers.add(timer);
  }
}
