import {
  addressId,
  ClusterBreaker,
  DEFAULT_BREAKER,
  type HealthState,
  type HealthTable,
  panics,
} from '../../endpoints/index.ts';
import type { Random } from '../../kernel/index.ts';
import type { Cluster, OutlierDetection } from '../../plan/index.ts';
import type { Address, ChoiceRequest, ChoiceResult, EndpointChoice, TryOutcome } from './endpoint-choice.ts';

const NOBODY: readonly number[] = [];
const OFF: OutlierDetection = { ...DEFAULT_BREAKER, consecutiveLocalOriginFailures: 0 };

const NONE: ChoiceResult = { kind: 'none', reason: 'the cluster has no endpoints' };
const ALL_UNHEALTHY: ChoiceResult = { kind: 'none', reason: 'no endpoint is healthy' };

/** Ejected by passive checks, or failed by active ones. */
const UNHEALTHY: ReadonlySet<HealthState> = new Set(['open', 'probe-failed']);

/** Endpoints of a Service or Backend: of two drawn by weight, the one with fewer requests of this worker (Envoy's LEAST_REQUEST). */
export class ServiceChoice implements EndpointChoice {
  readonly needsBody = false;
  readonly pool = undefined;
  readonly #all: readonly number[];
  readonly addresses: readonly Address[];
  readonly #weights: readonly number[];
  readonly #inFlight: number[];
  readonly slots: readonly number[];
  readonly #health: HealthTable;
  readonly #random: Random;
  readonly #breaker: ClusterBreaker;
  readonly #panicThresholdPercent: number;
  /** Something tells how healthy endpoints are. */
  readonly #checked: boolean;

  constructor(cluster: Cluster, slots: readonly number[], health: HealthTable, random: Random) {
    this.#random = random;
    this.addresses = cluster.endpoints.map(endpoint => ({
      id: addressId(endpoint),
      address: endpoint.address,
      port: endpoint.port,
    }));
    this.#weights = cluster.endpoints.map(e => e.weight);
    this.#inFlight = cluster.endpoints.map(() => 0);
    this.slots = slots;
    this.#health = health;
    this.#breaker = new ClusterBreaker(health, slots, cluster.outlierDetection ?? OFF, false);
    this.#all = cluster.endpoints.map((_, i) => i);
    this.#checked = cluster.outlierDetection !== undefined || cluster.activeHealthCheck !== undefined;
    this.#panicThresholdPercent = cluster.panicThresholdPercent;
  }

  choose(_request: ChoiceRequest, tried: readonly number[], nowMs: number): ChoiceResult {
    const among = this.#untried(this.#healthy(nowMs), tried);
    if (among.length === 0) return this.#all.length === 0 ? NONE : ALL_UNHEALTHY;
    const [a, b] = [this.#draw(among), this.#draw(among)];
    const index = this.#inFlight[a]! <= this.#inFlight[b]! ? a : b;
    const candidates = (a === b ? [a] : [a, b]).map(i => ({
      endpoint: this.addresses[i]!.id,
      inFlight: this.#inFlight[i],
      scores: [],
    }));
    return { kind: 'picked', index, fallbacks: NOBODY, candidates };
  }

  started(index: number, nowMs: number): void {
    this.moved(index);
    if (this.#checked) this.#breaker.sent(index, nowMs);
  }

  moved(index: number): void {
    this.#inFlight[index]!++;
  }

  ended(index: number): void {
    this.#inFlight[index]!--;
  }

  lacks(): void {}

  observed(index: number, outcome: TryOutcome, _footprint: undefined, nowMs: number): void {
    if (outcome.kind === 'status') this.#breaker.answered(index, outcome.status, nowMs);
    else if (outcome.kind === 'failure') this.#breaker.failed(index, outcome.unreachable, nowMs);
  }

  #healthy(nowMs: number): readonly number[] {
    if (!this.#checked) return this.#all;
    const healthy = this.#all.filter(i => !UNHEALTHY.has(this.#health.state(this.slots[i]!, nowMs)));
    if (panics(healthy.length, this.#all.length, this.#panicThresholdPercent)) return this.#all;
    // One that is being tried after its ejection waits for the outcome, where others are there.
    const available = healthy.filter(i => this.#health.isAvailable(this.slots[i]!, nowMs));
    return available.length > 0 ? available : healthy;
  }

  #untried(among: readonly number[], tried: readonly number[]): readonly number[] {
    if (tried.length === 0) return among;
    const fresh = among.filter(i => !tried.includes(i));
    return fresh.length > 0 ? fresh : among;
  }

  #draw(among: readonly number[]): number {
    if (among.length === 1) return among[0]!;
    let total = 0;
    for (const i of among) total += this.#weights[i]!;
    let left = this.#random() * total;
    for (const i of among) {
      left -= this.#weights[i]!;
      if (left < 0) return i;
    }
    return among[0]!;
  }
}
