import { ClusterBreaker, DEFAULT_BREAKER, type HealthTable } from '../../endpoints/index.ts';
import {
  ALL_UNHEALTHY,
  type Footprint,
  NO_ENDPOINTS,
  needsBody,
  type Picker,
  type PoolRows,
  poolRows,
  SHED,
  UNPICKED_REASONS,
} from '../../picker/index.ts';
import type { Cluster, Pool } from '../../plan/index.ts';
import type { Address, ChoiceRequest, ChoiceResult, EndpointChoice, TryOutcome } from './endpoint-choice.ts';
import { subsetRows } from './subset-rows.ts';

const NONE_ALLOWED = 'the gateway allows none of the endpoints of the pool';

/** Endpoints of an InferencePool: the picker chooses. */
export class PoolChoice implements EndpointChoice {
  readonly pool: Pool;
  readonly rows: PoolRows;
  readonly needsBody: boolean;
  readonly #breaker: ClusterBreaker;
  readonly #picker: Picker;
  readonly #maxFallbacks: number;

  /**
   * @param slots row of each of the pool's endpoints
   * @param maxFallbacks how many others are named with a pick
   */
  constructor(
    pool: Pool,
    slots: Int32Array,
    cluster: Partial<Pick<Cluster, 'outlierDetection' | 'panicThresholdPercent'>>,
    picker: Picker,
    health: HealthTable,
    maxFallbacks = 0,
  ) {
    this.pool = pool;
    this.rows = poolRows(pool, slots, cluster.panicThresholdPercent);
    this.needsBody = needsBody(this.rows);
    this.#breaker = new ClusterBreaker(health, slots, cluster.outlierDetection ?? DEFAULT_BREAKER, true);
    this.#picker = picker;
    this.#maxFallbacks = maxFallbacks;
  }

  get addresses(): readonly Address[] {
    return this.pool.endpoints;
  }

  get slots(): Int32Array {
    return this.rows.slots;
  }

  choose(request: ChoiceRequest, tried: readonly number[], nowMs: number): ChoiceResult {
    if (request.placed !== undefined) {
      const left = request.placed.filter(index => !tried.includes(index));
      if (left.length > 0) return { kind: 'picked', index: left[0] as number, fallbacks: left.slice(1) };
    }
    return request.subset === undefined
      ? this.#pick(this.rows, request, tried, nowMs)
      : this.#pickAmong(request.subset, request, tried, nowMs);
  }

  #pick(rows: PoolRows, request: ChoiceRequest, tried: readonly number[], nowMs: number): ChoiceResult {
    const picker = this.#picker;
    const { targetModel: model, criticality, prompt, continues = '' } = request;
    const owner = picker.ownerOf(rows, continues);
    const asked = { model, criticality, prompt, owner };
    const { index, runnerUp, fallbacks, footprint, entry } = picker.pick(
      rows,
      asked,
      tried,
      nowMs,
      this.#maxFallbacks,
    );
    const next = runnerUp === -1 ? undefined : entry.endpoints[runnerUp];
    if (index === SHED || index === ALL_UNHEALTHY || index === NO_ENDPOINTS)
      return {
        kind: index === SHED ? 'shed' : 'none',
        reason: UNPICKED_REASONS[index] as string,
        pick: entry,
        runnerUp: next,
      };
    return {
      kind: 'picked',
      index,
      fallbacks,
      footprint,
      reason: index === owner ? 'it keeps the response that is asked about' : undefined,
      pick: entry,
      runnerUp: next,
    };
  }

  #pickAmong(
    subset: readonly string[],
    request: ChoiceRequest,
    tried: readonly number[],
    nowMs: number,
  ): ChoiceResult {
    const { rows, indexes } = subsetRows(this.rows, subset);
    const among = tried.map(index => indexes.indexOf(index)).filter(index => index !== -1);
    const picked = this.#pick(rows, request, among, nowMs);
    if (picked.kind === 'none' && indexes.length === 0) return { ...picked, reason: NONE_ALLOWED };
    if (picked.kind !== 'picked') return picked;
    return {
      ...picked,
      index: indexes[picked.index] as number,
      fallbacks: picked.fallbacks.map(index => indexes[index] as number),
    };
  }

  madeResponse(index: number, id: string, nowMs: number): void {
    this.#picker.noteResponse(this.rows, index, id, nowMs);
  }

  started(index: number, nowMs: number): void {
    this.moved(index);
    this.#breaker.sent(index, nowMs);
  }

  moved(index: number): void {
    this.#picker.enter(this.rows.slots[index] as number);
  }

  ended(index: number): void {
    this.#picker.leave(this.rows.slots[index] as number);
  }

  lacks(index: number, footprint: Footprint, nowMs: number): void {
    this.#picker.lacks(this.rows.slots[index] as number, footprint, nowMs);
  }

  observed(index: number, outcome: TryOutcome, footprint: Footprint | undefined, nowMs: number): void {
    if (outcome.kind === 'status') {
      this.#breaker.answered(index, outcome.status, nowMs);
      if (footprint !== undefined && outcome.status >= 200 && outcome.status < 300)
        this.#picker.learn(this.rows.slots[index] as number, footprint, nowMs);
    } else if (outcome.kind === 'failure') this.#breaker.failed(index, outcome.unreachable, nowMs);
  }
}
