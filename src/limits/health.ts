import type { OutlierDetection } from '../plan/index.ts';

/** What a try says of its endpoint. Client errors say nothing; back-pressure cools; only faults open the breaker. */
export type Verdict = 'ok' | 'client-error' | 'back-pressure' | 'fault';

/** 429 and 503 of a model server mean "not now"; 500, 502 and 504 mean that something is broken. */
function classifyStatus(status: number): Verdict {
  if (status === 429 || status === 503) return 'back-pressure';
  if (status === 500 || status === 502 || status === 504) return 'fault';
  return status >= 400 && status < 500 ? 'client-error' : 'ok';
}

/** The breaker of a pool's endpoints where no policy sets one. */
export const DEFAULT_BREAKER: OutlierDetection = {
  intervalMs: 1000,
  baseEjectionTimeMs: 5000,
  maxEjectionPercent: 100,
  consecutive5xx: 5,
  consecutiveGatewayErrors: 0,
  consecutiveLocalOriginFailures: 5,
  splitExternalLocalOriginErrors: false,
};

/** How long an endpoint that answered 429 or 503 is left alone while others can serve. */
const COOLING_MS = 1000;
/** Envoy's max_ejection_time. */
const MAX_EJECTION_MS = 300_000;

const COUNTERS = 4;
const FAULTS = 0;
const GATEWAY_ERRORS = 1;
const LOCAL_FAILURES = 2;
const EJECTIONS = 3;
const TIMES = 3;
const EJECTED_UNTIL = 0;
const COOLING_UNTIL = 1;
const PROBE_DOWN = 2;

export interface SharedHealth {
  readonly slots: number;
  readonly buffer: SharedArrayBuffer;
}

/** Why an endpoint gets no requests. */
export type HealthState = 'available' | 'cooling' | 'open' | 'half-open' | 'probe-failed';

/** Health of endpoints, a row each, shared by all workers. */
export class HealthTable {
  readonly shared: SharedHealth;
  readonly #times: Float64Array;
  readonly #counters: Int32Array;

  constructor(shared: SharedHealth) {
    this.shared = shared;
    this.#times = new Float64Array(shared.buffer, 0, shared.slots * TIMES);
    this.#counters = new Int32Array(shared.buffer, shared.slots * TIMES * 8, shared.slots * COUNTERS);
  }

  static create(slots: number): HealthTable {
    return new HealthTable({ slots, buffer: new SharedArrayBuffer(slots * (TIMES * 8 + COUNTERS * 4)) });
  }

  state(slot: number, nowMs: number): HealthState {
    const base = slot * TIMES;
    if (this.#times[base + PROBE_DOWN] !== 0) return 'probe-failed';
    const until = this.#times[base + EJECTED_UNTIL] as number;
    if (until > nowMs) return 'open';
    if ((this.#times[base + COOLING_UNTIL] as number) > nowMs) return 'cooling';
    return until > 0 ? 'half-open' : 'available';
  }

  /** Half-open endpoints are tried: the next outcome closes or opens the breaker. */
  isAvailable(slot: number, nowMs: number): boolean {
    const state = this.state(slot, nowMs);
    return state === 'available' || state === 'half-open';
  }

  /**
   * A response came. `cools`: 429 and 503 are the back-pressure of a model server, not Envoy's gateway errors.
   * @returns whether that is enough to open the breaker
   */
  recordStatus(
    slot: number,
    status: number,
    policy: OutlierDetection,
    cools: boolean,
    nowMs: number,
  ): boolean {
    const verdict = classifyStatus(status);
    if (verdict === 'back-pressure' && cools) {
      this.#times[slot * TIMES + COOLING_UNTIL] = nowMs + COOLING_MS;
      return false;
    }
    if (status < 500) {
      this.recordSuccess(slot);
      return false;
    }
    const gateway = status >= 502 && status <= 504;
    if (!gateway) this.#set(slot, GATEWAY_ERRORS, 0);
    const opened =
      this.#reaches(slot, FAULTS, policy.consecutive5xx) ||
      (gateway && this.#reaches(slot, GATEWAY_ERRORS, policy.consecutiveGatewayErrors));
    return opened || this.state(slot, nowMs) === 'half-open';
  }

  /**
   * Connect failure, reset or time-out: of local origin, in Envoy's words; a 5xx too unless the policy splits them.
   * @returns whether that is enough to open the breaker
   */
  recordFailure(slot: number, policy: OutlierDetection, nowMs: number): boolean {
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
    if (this.#times[slot * TIMES + EJECTED_UNTIL] === 0) return;
    this.#times[slot * TIMES + EJECTED_UNTIL] = 0;
    this.#set(slot, EJECTIONS, 0);
  }

  /** An answer to a question of our own (a scrape): closes a half-open breaker even when no request comes. */
  recordProbe(slot: number, nowMs: number): void {
    if (this.state(slot, nowMs) === 'half-open') this.recordSuccess(slot);
  }

  /** The verdict of active health checking. */
  setProbed(slot: number, healthy: boolean): void {
    this.#times[slot * TIMES + PROBE_DOWN] = healthy ? 0 : 1;
  }

  reset(slot: number): void {
    this.#times.fill(0, slot * TIMES, (slot + 1) * TIMES);
    this.#counters.fill(0, slot * COUNTERS, (slot + 1) * COUNTERS);
  }

  #reaches(slot: number, counter: number, threshold: number): boolean {
    const now = Atomics.add(this.#counters, slot * COUNTERS + counter, 1) + 1;
    return threshold > 0 && now >= threshold;
  }

  /** Opens the breaker. Envoy: ejected for the base time, times how often it was ejected. */
  open(slot: number, policy: OutlierDetection, nowMs: number): void {
    const ejections = Atomics.add(this.#counters, slot * COUNTERS + EJECTIONS, 1) + 1;
    this.#times[slot * TIMES + EJECTED_UNTIL] =
      nowMs + Math.min(policy.baseEjectionTimeMs * ejections, MAX_EJECTION_MS);
    this.#set(slot, FAULTS, 0);
    this.#set(slot, GATEWAY_ERRORS, 0);
    this.#set(slot, LOCAL_FAILURES, 0);
  }

  #set(slot: number, counter: number, value: number): void {
    Atomics.store(this.#counters, slot * COUNTERS + counter, value);
  }
}
