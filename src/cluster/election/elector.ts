import { startTimer, tell, toldAs } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import {
  type Answer,
  type ElectionEvent,
  type ElectionOptions,
  type ElectionState,
  isOurs,
  leadsUntilMs,
  type Request,
  STARTED,
  step,
} from './election.ts';
import { type Lease, type LeaseObject, leaseObject, leaseOf, leasesPath } from './lease.ts';

export interface ElectorOptions extends ElectionOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly namespace: string;
  readonly name: string;
  /** Called at each change. What is written after it says no names a resourceVersion, and fails if another leads already. */
  readonly onChange: (leads: boolean) => void;
  /** Why the Lease cannot be read or written; once for each reason. */
  readonly onProblem: (message: string) => void;
  /** The Lease as it was seen before, and since when just so, on the monotonic clock: that time counts already. */
  readonly seen?: { readonly lease: Lease; readonly atMs: number };
  /**
   * Leads for one term only: called once, when the Lease that it held is found to be another's, or gone. Until then nobody
   * else has ever held it meanwhile, also where {@link onChange} has said no and yes again.
   */
  readonly onTermEnd?: () => void;
  /** It was written: this version, by a request that was sent then, on the monotonic clock. */
  readonly onWritten?: (version: string, sentAtMs: number) => void;
}

/** After an error of ours. */
const FAULT_MS = 1000;

/** Takes part in the election for a Lease: {@link step} with timers and an API server. */
export class Elector {
  readonly #options: ElectorOptions;
  #state: ElectionState;
  #led = false;
  /** A write was sent: it may have been done, whatever was heard of it. */
  #wrote = false;
  #timer: NodeJS.Timeout | undefined;
  #problem: string | undefined;
  readonly #stopped = Promise.withResolvers<void>();

  constructor(options: ElectorOptions) {
    this.#options = options;
    this.#state =
      options.seen === undefined ? STARTED : { ...STARTED, seen: { ...options.seen, stale: false } };
    this.#take({ type: 'tick' });
  }

  /** Whether this one leads now; to be asked before each write. */
  get leads(): boolean {
    return performance.now() < this.leadsUntilMs;
  }

  /** Until when it leads if nothing happens before, on the monotonic clock; -Infinity: it does not. */
  get leadsUntilMs(): number {
    return leadsUntilMs(this.#state);
  }

  /** Does not lead any more from now on, and lets others know; resolves when they do or cannot be told. */
  stop(): Promise<void> {
    this.#take({ type: 'stop' });
    return this.#stopped.promise;
  }

  /** Throws nothing: timers and answers call it, and an election goes on. */
  #take(event: ElectionEvent): void {
    try {
      this.#step(event);
    } catch (thrown) {
      this.#fault(thrown, FAULT_MS);
      clearTimeout(this.#timer);
      if (this.#state.phase === 'running') this.#wake(FAULT_MS);
    }
  }

  #step(event: ElectionEvent): void {
    if (this.#endsTerm(event)) {
      this.#endTerm();
      return;
    }
    // It may have run out since the last step, and be renewed by this one: who asked meanwhile was told no, and hears of both.
    this.#tell();
    const before = sentBy(this.#state);
    if (event.type === 'written' && before !== undefined)
      this.#call(() => this.#options.onWritten?.(event.lease.version, before.atMs));
    this.#state = step(this.#state, event, { ms: performance.now(), wallMs: Date.now() }, this.#options);
    const sent = sentBy(this.#state);
    this.#tell();
    if (sent !== undefined && sent !== before) void this.#send(sent.request);
    if (this.#state.phase === 'stopped') this.#stopped.resolve();
    this.#schedule();
  }

  #endsTerm(event: ElectionEvent): boolean {
    if (this.#options.onTermEnd === undefined || !this.#wrote || this.#state.phase !== 'running')
      return false;
    return event.type === 'missing' || (event.type === 'found' && !isOurs(event.lease.record, this.#options));
  }

  #endTerm(): void {
    this.#state = { phase: 'stopped' };
    clearTimeout(this.#timer);
    this.#tell();
    this.#stopped.resolve();
    this.#call(() => this.#options.onTermEnd?.());
  }

  /** What others make of it keeps the election from no step. */
  #call(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.#fault(thrown, undefined);
    }
  }

  #fault(thrown: unknown, againInMs: number | undefined): void {
    const { namespace, name, onProblem } = this.#options;
    tell(toldAs(onProblem), `the election for the Lease ${namespace}/${name}`, thrown, 1, againInMs);
  }

  #tell(): void {
    const { leads } = this;
    if (leads === this.#led) return;
    this.#led = leads;
    this.#call(() => this.#options.onChange(leads));
  }

  /** The next tick, or the end of its own lease. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#state.phase !== 'running') return;
    const { sent, wakeAtMs } = this.#state;
    const at = Math.min(
      sent === undefined ? wakeAtMs : Number.POSITIVE_INFINITY,
      this.#led ? leadsUntilMs(this.#state) : Number.POSITIVE_INFINITY,
    );
    if (at === Number.POSITIVE_INFINITY) return;
    this.#wake(at - performance.now());
  }

  #wake(inMs: number): void {
    this.#timer = startTimer(inMs, () => this.#take({ type: 'tick' }));
  }

  async #send(request: Request): Promise<void> {
    this.#wrote ||= request.do !== 'read';
    let answer: Answer;
    try {
      answer = await this.#ask(request);
    } catch (error) {
      this.#report(error instanceof Error ? error.message : String(error));
      answer = { type: 'failed' };
    }
    this.#take(answer);
  }

  async #ask(request: Request): Promise<Answer> {
    const { server, namespace, name, renewDeadlineMs } = this.#options;
    // Half, so that one request that is lost leaves time for another.
    const options = { timeoutMs: renewDeadlineMs / 2 };
    const leases = leasesPath(namespace);
    switch (request.do) {
      case 'read': {
        const { status, body } = await server.request('GET', `${leases}/${name}`, options);
        if (status === 404) return { type: 'missing' };
        return status === 200
          ? { type: 'found', lease: leaseOf(body as LeaseObject) }
          : this.#refused(status, body);
      }
      case 'create': {
        const body = leaseObject({ namespace, name }, request.record);
        return this.#written(await server.request('POST', leases, { ...options, body }));
      }
      case 'update': {
        // A merge patch leaves labels and fields of others; with a resourceVersion it is refused after any other write.
        const body = leaseObject({ namespace, name }, request.record, request.version);
        const contentType = 'application/merge-patch+json';
        return this.#written(
          await server.request('PATCH', `${leases}/${name}`, { ...options, body, contentType }),
        );
      }
    }
  }

  #written({ status, body }: { readonly status: number; readonly body: unknown }): Answer {
    if (status === 200 || status === 201) {
      this.#problem = undefined;
      return { type: 'written', lease: leaseOf(body as LeaseObject) };
    }
    return status === 409 ? { type: 'conflict' } : this.#refused(status, body);
  }

  #refused(status: number, body: unknown): Answer {
    const { message = `HTTP status ${status}` } = body as { message?: string };
    this.#report(message);
    return { type: 'failed' };
  }

  #report(message: string): void {
    if (message === this.#problem) return;
    this.#problem = message;
    const { namespace, name } = this.#options;
    this.#options.onProblem(`the Lease ${namespace}/${name}: ${message}`);
  }
}

function sentBy(state: ElectionState) {
  return state.phase === 'stopped' ? undefined : state.sent;
}
