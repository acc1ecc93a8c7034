import { nextGeneration, rowBits } from '../kernel/index.ts';
import type { OutlierDetection } from '../plan/index.ts';
import { RECENT_FAILURE_BYTES, RecentFailures } from './recent-failures.ts';

/** 429, 503 and 529 ("overloaded" in Anthropic's API) of a model server mean "not now": it cools, and is not broken. */
function isBackPressure(status: number): boolean {
  return status === 429 || status === 503 || status === 529;
}

/**
 * The breaker of a pool's endpoints where no policy sets one: an endpoint that cannot be reached, breaks off or takes too
 * long. What it answers opens nothing: the requests of one client that get 500 must not take a pool from all others.
 * At most half of a pool is open at once, and never the last endpoint.
 */
export const DEFAULT_BREAKER: OutlierDetection = {
  intervalMs: 1000,
  baseEjectionTimeMs: 5000,
  maxEjectionPercent: 50,
  alwaysEjectOne: false,
  consecutive5xx: 0,
  consecutiveGatewayErrors: 0,
  consecutiveLocalOriginFailures: 5,
  splitExternalLocalOriginErrors: true,
};

/** How long an endpoint that answered 429, 503 or 529 is left alone while others can serve. */
const COOLING_MS = 1000;
/** Envoy's max_ejection_time. */
const MAX_EJECTION_MS = 300_000;

/** A trial that has no outcome yet keeps others from a half-open endpoint for so long. */
const TRIAL_MS = 10_000;
/** A half-open endpoint that nobody has asked for so long is closed by a good answer to a scrape. */
const IDLE_MS = 5000;

const COUNTERS = 6;
const FAULTS = 0;
const GATEWAY_ERRORS = 1;
const LOCAL_FAILURES = 2;
const EJECTIONS = 3;
const UNREACHABLE = 4;
const GENERATION = 5;
const TIMES = 5;
const EJECTED_UNTIL = 0;
const COOLING_UNTIL = 1;
const PROBE_DOWN = 2;
const TRIAL_SINCE = 3;
const REFUSED_SCRAPE = 4;

export interface SharedHealth {
  readonly slots: number;
  readonly buffer: SharedArrayBuffer;
}

/** Why an endpoint gets no requests. */
export type HealthState =
  | 'available'
  | 'cooling'
  | 'open'
  | 'half-open'
  | 'probe-failed'
  /** The port that serves refused the connection of the last scrape: nobody listens there now. */
  | 'refused';

/** Health of endpoints, a row each, shared by all workers. A slot is a row and which of its names it is (slot-map.ts). */
export class HealthTable {
  readonly shared: SharedHealth;
  readonly recentFailures: RecentFailures;
  readonly #times: Float64Array;
  readonly #counters: Int32Array;
  readonly #bits: number;
  readonly #mask: number;

  constructor(shared: SharedHealth) {
    this.shared = shared;
    this.#times = new Float64Array(shared.buffer, 0, shared.slots * TIMES);
    const { slots, buffer } = shared;
    this.recentFailures = new RecentFailures(buffer, slots * TIMES * 8, slots);
    this.#bits = rowBits(slots);
    this.#mask = (1 << this.#bits) - 1;
    this.#counters = new Int32Array(buffer, slots * (TIMES * 8 + RECENT_FAILURE_BYTES), slots * COUNTERS);
  }

  static create(slots: number): HealthTable {
    return new HealthTable({
      slots,
      buffer: new SharedArrayBuffer(slots * (TIMES * 8 + RECENT_FAILURE_BYTES + COUNTERS * 4)),
    });
  }

  state(slot: number, nowMs: number): HealthState {
    const base = this.#row(slot) * TIMES;
    if (this.#times[base + PROBE_DOWN] !== 0) return 'probe-failed';
    const until = this.#times[base + EJECTED_UNTIL] as number;
    if (until > nowMs) return 'open';
    if (this.#times[base + REFUSED_SCRAPE] !== 0) return 'refused';
    if ((this.#times[base + COOLING_UNTIL] as number) > nowMs) return 'cooling';
    return until > 0 ? 'half-open' : 'available';
  }

  /** Half-open endpoints are tried, by one request at a time: its outcome closes or opens the breaker. */
  isAvailable(slot: number, nowMs: number): boolean {
    const state = this.state(slot, nowMs);
    return state === 'available' || (state === 'half-open' && !this.#isTried(slot, nowMs));
  }

  /** A request is sent there: of a half-open endpoint it is the trial. */
  noteSent(slot: number, nowMs: number): void {
    if (this.#times[this.#row(slot) * TIMES + EJECTED_UNTIL] === 0) return;
    if (this.state(slot, nowMs) === 'half-open') this.#times[this.#row(slot) * TIMES + TRIAL_SINCE] = nowMs;
  }

  /**
   * A response came. `cools`: 429, 503 and 529 are the back-pressure of a model server, not Envoy's gateway errors.
   * @returns whether that is enough to open the breaker
   */
  recordStatus(
    slot: number,
    status: number,
    policy: OutlierDetection,
    cools: boolean,
    nowMs: number,
  ): boolean {
    this.#times[this.#row(slot) * TIMES + REFUSED_SCRAPE] = 0;
    // Envoy: with the two kinds of errors split, any answer is a success of the connection.
    if (policy.splitExternalLocalOriginErrors) this.#set(slot, LOCAL_FAILURES, 0);
    if (cools && isBackPressure(status)) {
      this.#times[this.#row(slot) * TIMES + COOLING_UNTIL] = nowMs + COOLING_MS;
      this.#times[this.#row(slot) * TIMES + TRIAL_SINCE] = 0;
      return false;
    }
    const counts = policy.consecutive5xx > 0 || policy.consecutiveGatewayErrors > 0;
    if (status < 500 || !counts) {
      this.recordSuccess(slot);
      return false;
    }
    this.#set(slot, UNREACHABLE, 0);
    // Envoy's consecutive_gateway_failure: 502, 503, 504.
    const gateway = status >= 502 && status <= 504;
    if (!gateway) this.#set(slot, GATEWAY_ERRORS, 0);
    const opened =
      this.#reaches(slot, FAULTS, policy.consecutive5xx) ||
      (gateway && this.#reaches(slot, GATEWAY_ERRORS, policy.consecutiveGatewayErrors));
    return opened || this.state(slot, nowMs) === 'half-open';
  }

  /**
   * Connect failure, reset or time-out: of local origin, in Envoy's words; a 5xx too unless the policy splits them.
   * @param unreachable no connection could be made
   * @returns whether that is enough to open the breaker
   */
  recordFailure(slot: number, policy: OutlierDetection, unreachable: boolean, nowMs: number): boolean {
    this.#set(slot, UNREACHABLE, unreachable ? 1 : 0);
    const opened = policy.splitExternalLocalOriginErrors
      ? this.#reaches(slot, LOCAL_FAILURES, policy.consecutiveLocalOriginFailures)
      : this.#reaches(slot, FAULTS, policy.consecutive5xx) ||
        this.#reaches(slot, GATEWAY_ERRORS, policy.consecutiveGatewayErrors);
    return opened || this.state(slot, nowMs) === 'half-open';
  }

  recordSuccess(slot: number): void {
    this.#set(slot, FAULTS, 0);
    this.#set(slot, GATEWAY_ERRORS, 0);
    this.#set(slot, LOCAL_FAILURES, 0);
    if (this.#times[this.#row(slot) * TIMES + EJECTED_UNTIL] === 0) return;
    this.#times[this.#row(slot) * TIMES + EJECTED_UNTIL] = 0;
    this.#times[this.#row(slot) * TIMES + TRIAL_SINCE] = 0;
    this.#set(slot, EJECTIONS, 0);
  }

  /**
   * An answer to a question of our own (a scrape). It closes a breaker that opened because the endpoint could not be
   * reached; one that opened for its answers only where no request has come to try it.
   */
  recordProbe(slot: number, nowMs: number): void {
    this.#times[this.#row(slot) * TIMES + REFUSED_SCRAPE] = 0;
    const until = this.#times[this.#row(slot) * TIMES + EJECTED_UNTIL] as number;
    if (until === 0) return;
    const idle = nowMs - until > IDLE_MS && !this.#isTried(slot, nowMs);
    if (idle || Atomics.load(this.#counters, this.#row(slot) * COUNTERS + UNREACHABLE) === 1)
      this.recordSuccess(slot);
  }

  /** Nobody listens at the port that serves, a scrape found: it is left out until something of it answers again. */
  noteRefused(slot: number): void {
    if (!this.isCurrent(slot)) return;
    this.#times[this.#row(slot) * TIMES + REFUSED_SCRAPE] = 1;
  }

  /** The verdict of active health checking. */
  setProbed(slot: number, healthy: boolean): void {
    if (!this.isCurrent(slot)) return;
    this.#times[this.#row(slot) * TIMES + PROBE_DOWN] = healthy ? 0 : 1;
  }

  /** Whether the row is this name's: a request of an older plan says nothing of the endpoint that has it now. */
  isCurrent(slot: number): boolean {
    const generation = Atomics.load(this.#counters, this.#row(slot) * COUNTERS + GENERATION);
    return generation === slot >>> this.#bits;
  }

  /** Takes a row from its endpoint and makes it fit for another. */
  retire(slot: number): void {
    const row = this.#row(slot);
    const generation = nextGeneration(slot >>> this.#bits, this.shared.slots);
    this.#counters.fill(0, row * COUNTERS, row * COUNTERS + GENERATION);
    Atomics.store(this.#counters, row * COUNTERS + GENERATION, generation);
    this.#times.fill(0, row * TIMES, (row + 1) * TIMES);
    this.recentFailures.reset(slot);
  }

  #row(slot: number): number {
    return slot & this.#mask;
  }

  #reaches(slot: number, counter: number, threshold: number): boolean {
    const now = Atomics.add(this.#counters, this.#row(slot) * COUNTERS + counter, 1) + 1;
    return threshold > 0 && now >= threshold;
  }

  /** Opens the breaker. Envoy: ejected for the base time, times how often it was ejected. */
  open(slot: number, policy: OutlierDetection, nowMs: number): void {
    const ejections = Atomics.add(this.#counters, this.#row(slot) * COUNTERS + EJECTIONS, 1) + 1;
    this.#times[this.#row(slot) * TIMES + EJECTED_UNTIL] =
      nowMs + Math.min(policy.baseEjectionTimeMs * ejections, MAX_EJECTION_MS);
    this.#times[this.#row(slot) * TIMES + TRIAL_SINCE] = 0;
    this.#set(slot, FAULTS, 0);
    this.#set(slot, GATEWAY_ERRORS, 0);
    this.#set(slot, LOCAL_FAILURES, 0);
  }

  /** Takes an opening back: others opened at the same time. */
  withdraw(slot: number): void {
    this.#times[this.#row(slot) * TIMES + EJECTED_UNTIL] = 0;
    Atomics.sub(this.#counters, this.#row(slot) * COUNTERS + EJECTIONS, 1);
  }

  #isTried(slot: number, nowMs: number): boolean {
    const since = this.#times[this.#row(slot) * TIMES + TRIAL_SINCE] as number;
    return since !== 0 && nowMs - since < TRIAL_MS;
  }

  #set(slot: number, counter: number, value: number): void {
    Atomics.store(this.#counters, this.#row(slot) * COUNTERS + counter, value);
  }
}
