import type { OutlierDetection } from '../plan/index.ts';
import type { HealthTable } from './health.ts';

/**
 * The circuit breakers of a cluster's endpoints. As many as `maxEjectionPercent` allows are open at once, and one at
 * least (envoy.config.cluster.v3.OutlierDetection).
 */
export class ClusterBreaker {
  readonly #health: HealthTable;
  readonly #slots: ArrayLike<number>;
  readonly #policy: OutlierDetection;
  readonly #cools: boolean;

  /**
   * @param slots row of each endpoint
   * @param cools 429 and 503 are back-pressure: they cool an endpoint and count as no fault
   */
  constructor(health: HealthTable, slots: ArrayLike<number>, policy: OutlierDetection, cools: boolean) {
    this.#health = health;
    this.#slots = slots;
    this.#policy = policy;
    this.#cools = cools;
  }

  /** An endpoint answered. */
  answered(index: number, status: number, nowMs: number): void {
    const slot = this.#slots[index] as number;
    if (this.#health.recordStatus(slot, status, this.#policy, this.#cools, nowMs)) this.#open(slot, nowMs);
  }

  /** An endpoint could not be reached, broke off, or took too long. @param unreachable no connection could be made */
  failed(index: number, unreachable: boolean, nowMs: number): void {
    const slot = this.#slots[index] as number;
    if (this.#health.recordFailure(slot, this.#policy, unreachable, nowMs)) this.#open(slot, nowMs);
  }

  /** A request is sent to an endpoint. */
  sent(index: number, nowMs: number): void {
    this.#health.noteSent(this.#slots[index] as number, nowMs);
  }

  #open(slot: number, nowMs: number): void {
    // What was on its way when it opened says nothing new, and must not make the ejection longer.
    if (this.#health.state(slot, nowMs) === 'open') return;
    let open = 0;
    for (let i = 0; i < this.#slots.length; i++) {
      const other = this.#slots[i] as number;
      if (other !== slot && this.#health.state(other, nowMs) === 'open') open++;
    }
    const most = Math.max(1, Math.floor((this.#slots.length * this.#policy.maxEjectionPercent) / 100));
    if (open < most) this.#health.open(slot, this.#policy, nowMs);
  }
}
