import { monotonicMs, startTimer, stopTimer, type Timer, tell, toldAs, wallMs } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { type Lease, LeaseClient } from '../leases/index.ts';
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
  readonly #leases: LeaseClient;
  #state: ElectionState;
  #led = false;
  /** A write was sent: it may have been done, whatever was heard of it. */
  #wrote = false;
  #timer: Timer | undefined;
  #problem: string | undefined;
  readonly #stopped = Promise.withResolvers<void>();

  constructor(options: ElectorOptions) {
    this.#options = options;
    // Half, so that one request that is lost leaves time for another.
    this.#leases = new LeaseClient(options.server, options.namespace, options.renewDeadlineMs / 2);
    this.#state =
      options.seen === undefined ? STARTED : { ...STARTED, seen: { ...options.seen, stale: false } };
    this.#take({ type: 'tick' });
  }

  /** Whether this one leads now; to be asked before each write. */
  get leads(): boolean {
    return monotonicMs() < this.leadsUntilMs;
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
      stopTimer(this.#timer);
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
    this.#state = step(this.#state, event, { ms: monotonicMs(), wallMs: wallMs() }, this.#options);
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
    stopTimer(this.#timer);
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
    stopTimer(this.#timer);
    if (this.#state.phase !== 'running') return;
    const { sent, wakeAtMs } = this.#state;
    const at = Math.min(
      sent === undefined ? wakeAtMs : Number.POSITIVE_INFINITY,
      this.#led ? leadsUntilMs(this.#state) : Number.POSITIVE_INFINITY,
    );
    if (at === Number.POSITIVE_INFINITY) return;
    this.#wake(at - monotonicMs());
  }

  #wake(inMs: number): void {
    this.#timer = startTimer(inMs, () => this.#take({ type: 'tick' }));
  }

  async #send(request: Request): Promise<void> {
    this.#wrote ||= request.do !== 'read';
    this.#take(await this.#ask(request));
  }

  async #ask(request: Request): Promise<Answer> {
    const { name } = this.#options;
    if (request.do === 'read') {
      const outcome = await this.#leases.read(name);
      return outcome.type === 'found' || outcome.type === 'missing' ? outcome : this.#failed(outcome.message);
    }
    const version = request.do === 'update' ? request.version : undefined;
    const outcome = await this.#leases.put(name, request.record, version);
    if (outcome.type === 'conflict') return { type: 'conflict' };
    if (outcome.type !== 'written') return this.#failed(outcome.message);
    this.#problem = undefined;
    return outcome;
  }

  #failed(message: string): Answer {
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
