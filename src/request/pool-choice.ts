import { ClusterBreaker, DEFAULT_BREAKER, type HealthTable } from '../endpoints/index.ts';
import {
  ALL_UNHEALTHY,
  type Footprint,
  NO_ENDPOINTS,
  type Picker,
  type PoolRows,
  poolRows,
  SHED,
  UNPICKED_REASONS,
} from '../picker/index.ts';
import type { Cluster, Pool } from '../plan/index.ts';
import type { Decision } from './decision.ts';
import type { Address, ChoiceRequest, ChoiceResult, EndpointChoice, TryOutcome } from './endpoint-choice.ts';

/** Endpoints of an InferencePool: the picker chooses. */
export class PoolChoice implements EndpointChoice {
  readonly pool: Pool;
  readonly #rows: PoolRows;
  readonly #addresses: readonly Address[];
  readonly #breaker: ClusterBreaker;
  readonly #picker: Picker;

  /** @param slots row of each of the pool's endpoints */
  constructor(
    pool: Pool,
    slots: Int32Array,
    cluster: Pick<Cluster, 'outlierDetection' | 'panicThresholdPercent'>,
    picker: Picker,
    health: HealthTable,
  ) {
    this.pool = pool;
    this.#rows = poolRows(pool, slots, cluster.panicThresholdPercent);
    this.#addresses = pool.endpoints;
    this.#breaker = new ClusterBreaker(health, slots, cluster.outlierDetection ?? DEFAULT_BREAKER, true);
    this.#picker = picker;
  }

  get size(): number {
    return this.#addresses.length;
  }

  choose(request: ChoiceRequest, tried: readonly number[], decision: Decision, nowMs: number): ChoiceResult {
    const placed = request.placed?.find(i => !tried.includes(i));
    if (placed !== undefined)
      return { kind: 'picked', address: this.#addresses[placed] as Address, index: placed };
    const picker = this.#picker;
    const { targetModel: model, criticality, prompt, continues = '' } = request;
    const owner = picker.ownerOf(this.#rows, continues);
    const asked = { model, criticality, prompt, owner };
    const { index, runnerUp, footprint, entry } = picker.pick(this.#rows, asked, tried, nowMs);
    decision.pick = entry;
    decision.runnerUp = runnerUp === -1 ? undefined : entry.endpoints[runnerUp];
    if (index === SHED || index === ALL_UNHEALTHY || index === NO_ENDPOINTS)
      return { kind: index === SHED ? 'shed' : 'none', reason: UNPICKED_REASONS[index] as string };
    this.#breaker.sent(index, nowMs);
    if (index === owner) decision.reason = 'it keeps the response that is asked about';
    return { kind: 'picked', address: this.#addresses[index] as Address, index, footprint };
  }

  madeResponse(index: number, id: string, nowMs: number): void {
    this.#picker.noteResponse(this.#rows, index, id, nowMs);
  }

  started(index: number): void {
    this.#picker.enter(this.#rows.slots[index] as number);
  }

  ended(index: number): void {
    this.#picker.leave(this.#rows.slots[index] as number);
  }

  lacks(index: number, footprint: Footprint, nowMs: number): void {
    this.#picker.lacks(this.#rows.slots[index] as number, footprint, nowMs);
  }

  observed(index: number, outcome: TryOutcome, footprint: Footprint | undefined, nowMs: number): void {
    if (outcome.kind === 'status') {
      this.#breaker.answered(index, outcome.status, nowMs);
      if (footprint !== undefined && outcome.status >= 200 && outcome.status < 300)
        this.#picker.learn(this.#rows.slots[index] as number, footprint, nowMs);
    } else if (outcome.kind === 'failure')
      this.#breaker.failed(index, outcome.failure.startsWith('connect-'), nowMs);
  }
}
