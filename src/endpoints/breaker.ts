import type { OutlierDetection } from '../plan/index.ts';
import type { HealthTable } from './health-table.ts';

/**
 * The circuit breakers of a cluster's endpoints. As many as `maxEjectionPercent` allows are open at once, and one at
 * least where a policy asks for it (envoy.config.cluster.v3.OutlierDetection).
 */
export class ClusterBreaker {
  readonly #health: HealthTable;
  readonly #slots: ArrayLike<number>;
  readonly #policy: OutlierDetection;
  readonly #cools: boolean;

  /**
   * @param slots row of each endpoint
   * @param cools endpoints of a pool: 429, 503 and 529 are back-pressure, they cool an endpoint and count as no fault
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
    if (!this.#health.isCurrent(slot)) return;
    if (this.#cools) this.#health.recentFailures.answered(slot, status, nowMs);
    if (this.#health.recordStatus(slot, status, this.#policy, this.#cools, nowMs)) this.#open(slot, nowMs);
  }

  /** An endpoint could not be reached, broke off, or took too long. @param unreachable no connection could be made */
  failed(index: number, unreachable: boolean, nowMs: number): void {
    const slot = this.#slots[index] as number;
    if (!this.#health.isCurrent(slot)) return;
    if (this.#cools) this.#health.recentFailures.failed(slot, nowMs);
    if (this.#health.recordFailure(slot, this.#policy, unreachable, nowMs)) this.#open(slot, nowMs);
  }

  /** A request is sent to an endpoint. */
  sent(index: number, nowMs: number): void {
    const slot = this.#slots[index] as number;
    if (this.#health.isCurrent(slot)) this.#health.noteSent(slot, nowMs);
  }

  #open(slot: number, nowMs: number): void {
    // What was on its way when it opened says nothing new, and must not make the ejection longer.
    if (this.#health.state(slot, nowMs) === 'open') return;
    if (this.#othersOpen(slot, nowMs) >= this.#most) return;
    this.#health.open(slot, this.#policy, nowMs);
    // Another worker may have opened another one in the same moment: rather none of the two than too many.
    if (this.#othersOpen(slot, nowMs) >= this.#most) this.#health.withdraw(slot);
  }

  /** How many may be open at once (Envoy: max_ejection_percent, always_eject_one_host). */
  get #most(): number {
    const { maxEjectionPercent, alwaysEjectOne = true } = this.#policy;
    return Math.max(alwaysEjectOne ? 1 : 0, Math.floor((this.#slots.length * maxEjectionPercent) / 100));
  }

  #othersOpen(slot: number, nowMs: number): number {
    let open = 0;
    for (let i = 0; i < this.#slots.length; i++) {
      const other = this.#slots[i] as number;
      if (other !== slot && this.#health.state(other, nowMs) === 'open') open++;
    }
    return open;
  }
}
