import { DEFAULT_BREAKER, type HealthTable } from '../limits/index.ts';
import type { Cluster, OutlierDetection } from '../plan/index.ts';
import { addressId } from './address-id.ts';
import type { Decision } from './decision-log.ts';
import type { ChoiceRequest, ChoiceResult, EndpointChoice, TryOutcome } from './endpoint-choice.ts';
import type { Address } from './upstream/connection-pool.ts';

const OFF: OutlierDetection = { ...DEFAULT_BREAKER, consecutive5xx: 0, consecutiveLocalOriginFailures: 0 };

/** Endpoints of a Service or Backend: of two drawn by weight, the one with fewer requests of this worker (Envoy's LEAST_REQUEST). */
export class ServiceChoice implements EndpointChoice {
  readonly pool = undefined;
  readonly #addresses: readonly Address[];
  readonly #weights: readonly number[];
  readonly #inFlight: number[];
  readonly #slots: readonly number[];
  readonly #health: HealthTable;
  readonly #policy: OutlierDetection;
  readonly #panicShare: number;

  constructor(cluster: Cluster, slots: readonly number[], health: HealthTable) {
    this.#addresses = cluster.endpoints.map(endpoint => ({
      id: addressId(endpoint),
      address: endpoint.address,
      port: endpoint.port,
    }));
    this.#weights = cluster.endpoints.map(e => e.weight);
    this.#inFlight = cluster.endpoints.map(() => 0);
    this.#slots = slots;
    this.#health = health;
    this.#policy = cluster.outlierDetection ?? OFF;
    this.#panicShare = cluster.panicThresholdPercent / 100;
  }

  choose(_request: ChoiceRequest, tried: readonly number[], decision: Decision, nowMs: number): ChoiceResult {
    let healthy = this.#addresses
      .map((_, i) => i)
      .filter(i => this.#health.isAvailable(this.#slots[i]!, nowMs));
    // Envoy's panic mode: with too few healthy, health is not looked at.
    if (healthy.length === 0 || healthy.length < this.#panicShare * this.#addresses.length) {
      healthy = this.#addresses.map((_, i) => i);
    }
    const fresh = healthy.filter(i => !tried.includes(i));
    const among = fresh.length > 0 ? fresh : healthy;
    if (among.length === 0) return { kind: 'none', reason: 'the cluster has no endpoints' };
    const [a, b] = [this.#draw(among), this.#draw(among)];
    const index = this.#inFlight[a]! <= this.#inFlight[b]! ? a : b;
    decision.candidates = among.map(i => ({
      endpoint: this.#addresses[i]!.id,
      inFlight: this.#inFlight[i],
      scores: [],
    }));
    return { kind: 'picked', address: this.#addresses[index]!, index };
  }

  started(index: number): void {
    this.#inFlight[index]!++;
  }

  ended(index: number): void {
    this.#inFlight[index]!--;
  }

  observed(index: number, outcome: TryOutcome, nowMs: number): void {
    const slot = this.#slots[index]!;
    if (outcome.kind === 'status')
      this.#health.recordStatus(slot, outcome.status, this.#policy, false, nowMs);
    else if (outcome.kind === 'failure') this.#health.recordFailure(slot, this.#policy, nowMs);
  }

  #draw(among: readonly number[]): number {
    let total = 0;
    for (const i of among) total += this.#weights[i]!;
    let left = Math.random() * total;
    for (const i of among) {
      left -= this.#weights[i]!;
      if (left < 0) return i;
    }
    return among[0]!;
  }
}
