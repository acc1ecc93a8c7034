import type { Prompt } from '../dialect/index.ts';
import type { HealthTable } from '../limits/index.ts';
import { type Criticality, SCORERS } from '../plan/index.ts';
import { endpointKey } from './endpoint-id.ts';
import { type EndpointTable, nameHash } from './endpoint-table.ts';
import { filterAbsent, filterHealth, filterLoraSlots, filterTried } from './filters.ts';
import { PickLog } from './pick-log.ts';
import type { PoolRows } from './pool-rows.ts';
import type { PrefixTable } from './prefix-table.ts';
import { PromptBlocks } from './prompt-blocks.ts';
import type { Random } from './random.ts';
import { ResponseOwners } from './response-owners.ts';
import { isSaturated } from './saturation.ts';
import { SCORER_FUNCTIONS } from './scorers.ts';

/** Whole seconds of the monotonic clock, from 1: they fit 31 bits. */
function tickOf(nowMs: number): number {
  return Math.floor(nowMs / 1000) + 1;
}

export interface PickRequest {
  /** Sent upstream: an adapter's or the base model's name; '' when the request names none. */
  readonly model: string;
  readonly criticality: Criticality;
  readonly prompt: Prompt | undefined;
  /** Index of the endpoint that keeps what the request is about; -1 or absent: it is about nothing that is kept. */
  readonly owner?: number;
}

/** What a request leaves at the endpoint that serves it. */
export interface Footprint {
  /** Hash of the adapter's or model's name; 0 for none. */
  readonly model: number;
  /** Hashes of the prompt's blocks. */
  readonly blocks: Int32Array;
}

const NO_BLOCKS = new Int32Array(0);

/** Why no endpoint was picked. */
export const NO_ENDPOINTS = -1;
export const ALL_UNHEALTHY = -2;
export const SHED = -3;

/** {@link NO_ENDPOINTS}, {@link ALL_UNHEALTHY} and {@link SHED} in words, for the decision. */
export const UNPICKED_REASONS: Readonly<Record<number, string>> = {
  [NO_ENDPOINTS]: 'the pool has no ready endpoints',
  [ALL_UNHEALTHY]:
    "every endpoint is ejected or fails its health check, the policy's panicThreshold is 0, and the pool's failureMode is FailClose",
  [SHED]: 'all model servers are saturated, and the request is sheddable',
};

/** Totals nearer than this are equal. */
const EQUAL = 1e-9;

export interface PickerParts {
  readonly endpoints: EndpointTable;
  readonly prefixes: PrefixTable;
  readonly health: HealthTable;
  /** Default: one of its own. */
  readonly owners?: ResponseOwners;
  readonly random: Random;
  readonly log?: PickLog;
}

/**
 * Picks the endpoint of a pool that can serve a request best: filters, then the greatest sum of score × weight, by lot
 * among equals. Works on rows in shared memory and on arrays of its own: a pick allocates nothing but its footprint.
 */
export class Picker {
  readonly log: PickLog;
  /** Place of the last pick in {@link log}. */
  lastEntry = -1;
  /** Index of the next best at the last pick; -1 when there was none. */
  runnerUp = -1;
  readonly #table: EndpointTable;
  readonly #prefixes: PrefixTable;
  readonly #health: HealthTable;
  readonly #owners: ResponseOwners;
  readonly #random: Random;
  readonly #blocks = new PromptBlocks();
  /** Candidates of the last pick. */
  #count = 0;
  #removed = new Uint8Array(16);
  #scores = SCORERS.map(() => new Float64Array(16));
  #totals = new Float64Array(16);

  constructor({
    endpoints,
    prefixes,
    health,
    owners = ResponseOwners.create(),
    random,
    log = new PickLog(),
  }: PickerParts) {
    this.#table = endpoints;
    this.#prefixes = prefixes;
    this.#health = health;
    this.#owners = owners;
    this.#random = random;
    this.log = log;
  }

  /**
   * @param tried indexes that this request was sent to before
   * @returns index into the pool's endpoints, or {@link NO_ENDPOINTS}, {@link ALL_UNHEALTHY} or {@link SHED}
   */
  pick(rows: PoolRows, request: PickRequest, tried: readonly number[], nowMs: number): number {
    const { slots, weights } = rows;
    const count = slots.length;
    this.lastEntry = -1;
    this.runnerUp = -1;
    this.#count = count;
    if (count === 0) return NO_ENDPOINTS;
    this.#fit(count);
    const model = nameHash(request.model);
    const healthy = this.#filter(rows, tried, model, nowMs);
    const saturated = healthy && request.criticality === 'Sheddable' && this.#allSaturated(slots, nowMs);
    this.#record(slots, nowMs);
    if (!healthy) return ALL_UNHEALTHY;
    if (saturated) return SHED;
    this.#blocks.read(request.prompt, model);
    this.#score(slots, weights, model, nowMs);
    const best = this.#best(count);
    const { owner = -1 } = request;
    return owner !== -1 && this.#removed[owner] === 0 ? owner : best;
  }

  /** What the last request that was picked for leaves at the endpoint that serves it. */
  footprint(request: PickRequest): Footprint {
    const { hashes, count } = this.#blocks;
    return { model: nameHash(request.model), blocks: count === 0 ? NO_BLOCKS : hashes.slice(0, count) };
  }

  /** An endpoint has served a request: it has its adapter and its prompt now. What failed attracts nothing. */
  learn(slot: number, { model, blocks }: Footprint, nowMs: number): void {
    this.#table.noteAdapter(slot, model);
    this.#table.noteModel(slot, model);
    this.#prefixes.add(blocks, blocks.length, slot, tickOf(nowMs));
  }

  /** An endpoint has made a response, and keeps it. */
  noteResponse({ pool, endpoints }: PoolRows, index: number, id: string, nowMs: number): void {
    this.#owners.note(id, nameHash(endpointKey(pool.name, endpoints[index] as string)), tickOf(nowMs));
  }

  /** @returns index of the endpoint that made a response; -1 where that is not known, or it is gone. @param id '': of none */
  ownerOf({ pool, endpoints }: PoolRows, id: string): number {
    const owner = id === '' ? 0 : this.#owners.ownerOf(id);
    if (owner === 0) return -1;
    return endpoints.findIndex(endpoint => nameHash(endpointKey(pool.name, endpoint)) === owner);
  }

  /** An endpoint has said that it does not have the model. */
  lacks(slot: number, { model }: Footprint, nowMs: number): void {
    this.#table.noteAbsent(slot, model, tickOf(nowMs));
  }

  /**
   * Who else could have been picked the last time, best first: those that no filter removed.
   * @param picked what {@link pick} returned
   * @param most no more than so many
   */
  runnersUp(picked: number, most: number): number[] {
    const ranked: number[] = [];
    if (most > 0 && this.runnerUp !== -1) ranked.push(this.runnerUp);
    while (ranked.length > 0 && ranked.length < most) {
      let next = -1;
      for (let i = 0; i < this.#count; i++) {
        if (this.#removed[i] !== 0 || i === picked || ranked.includes(i)) continue;
        if (next === -1 || (this.#totals[i] as number) > (this.#totals[next] as number)) next = i;
      }
      if (next === -1) break;
      ranked.push(next);
    }
    return ranked;
  }

  /** A request is on its way to a pool's endpoint, or is over. */
  enter(slot: number): void {
    this.#table.enter(slot);
  }

  leave(slot: number): void {
    this.#table.leave(slot);
  }

  /** @returns false when no endpoint can be used and the pool fails closed */
  #filter(
    { slots, pool, panicThresholdPercent }: PoolRows,
    tried: readonly number[],
    model: number,
    nowMs: number,
  ): boolean {
    const removed = this.#removed;
    if (filterHealth(removed, slots, this.#health, panicThresholdPercent, nowMs) === 0) {
      if (pool.failureMode === 'FailClose') return false;
      removed.fill(0, 0, slots.length);
    }
    filterTried(removed, slots.length, tried);
    filterAbsent(removed, slots, this.#table, model, tickOf(nowMs));
    filterLoraSlots(removed, slots, this.#table, model);
    return true;
  }

  #allSaturated(slots: Int32Array, nowMs: number): boolean {
    for (let i = 0; i < slots.length; i++) {
      if (this.#removed[i] === 0 && !isSaturated(this.#table, this.#health, slots[i] as number, nowMs))
        return false;
    }
    return true;
  }

  #score(slots: Int32Array, weights: Float64Array, model: number, nowMs: number): void {
    const input = {
      table: this.#table,
      health: this.#health,
      prefixes: this.#prefixes,
      blocks: this.#blocks,
      slots,
      removed: this.#removed,
      model,
      nowMs,
    };
    const totals = this.#totals;
    totals.fill(0, 0, slots.length);
    for (let s = 0; s < SCORER_FUNCTIONS.length; s++) {
      const scores = this.#scores[s] as Float64Array;
      const weight = weights[s] as number;
      (SCORER_FUNCTIONS[s] as (typeof SCORER_FUNCTIONS)[number])(input, scores);
      for (let i = 0; i < slots.length; i++) {
        totals[i] = (totals[i] as number) + weight * (scores[i] as number);
        if (this.lastEntry >= 0 && this.#removed[i] === 0)
          this.log.score(this.lastEntry, i, s, scores[i] as number);
      }
    }
  }

  #best(count: number): number {
    let best = -1;
    let equals = 0;
    for (let i = 0; i < count; i++) {
      if (this.#removed[i] !== 0) continue;
      const lead = best === -1 ? 1 : (this.#totals[i] as number) - (this.#totals[best] as number);
      if (lead > EQUAL) {
        best = i;
        equals = 1;
      } else if (lead >= -EQUAL && this.#random() * ++equals < 1) best = i;
    }
    for (let i = 0; i < count; i++) {
      if (this.#removed[i] !== 0 || i === best) continue;
      if (this.runnerUp === -1 || (this.#totals[i] as number) > (this.#totals[this.runnerUp] as number))
        this.runnerUp = i;
    }
    return best;
  }

  #record(slots: Int32Array, nowMs: number): void {
    const table = this.#table;
    this.lastEntry = this.log.begin(slots.length);
    if (this.lastEntry < 0) return;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      this.log.candidate(
        this.lastEntry,
        i,
        table.inFlight(slot),
        table.running(slot),
        table.waiting(slot),
        table.kvCacheUsage(slot),
        table.ageMs(slot, nowMs),
        this.#removed[i] as number,
      );
    }
  }

  #fit(count: number): void {
    if (count <= this.#removed.length) return;
    const size = 2 ** Math.ceil(Math.log2(count));
    this.#removed = new Uint8Array(size);
    this.#scores = SCORERS.map(() => new Float64Array(size));
    this.#totals = new Float64Array(size);
  }
}
