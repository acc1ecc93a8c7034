import type { HealthTable } from '../endpoints/index.ts';
import { type EndpointTable, endpointKey, nameHash } from '../endpoints/index.ts';
import type { Random } from '../kernel/index.ts';
import { type PickEntry, PickLog } from './pick-log.ts';
import type { PickRequest } from './pick-request.ts';
import {
  ALL_UNHEALTHY,
  type Footprint,
  NO_BLOCKS,
  NO_ENDPOINTS,
  NO_FALLBACKS,
  NO_FOOTPRINT,
  type PickResult,
  SHED,
} from './pick-result.ts';
import type { PickInput } from './plugins/pick-input.ts';
import type { Profile } from './plugins/profile.ts';
import type { PoolRows } from './pool-rows.ts';
import type { PrefixTable } from './prefix-table.ts';
import { PromptBlocks } from './prompt-blocks.ts';
import { isAnyKept, takeBack } from './removed.ts';
import { ResponseOwners } from './response-owners.ts';
import { isSaturated } from './saturation.ts';

/** Whole seconds of the monotonic clock, from 1: they fit 31 bits. */
function tickOf(nowMs: number): number {
  return Math.floor(nowMs / 1000) + 1;
}

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
 * among equals. Works on rows in shared memory and on arrays of its own: a pick allocates its result, and nothing for a candidate.
 */
export class Picker {
  readonly log: PickLog;
  readonly #table: EndpointTable;
  readonly #prefixes: PrefixTable;
  readonly #owners: ResponseOwners;
  readonly #random: Random;
  readonly #blocks = new PromptBlocks();
  /** What plugins see of the pick that is being made. */
  readonly #input: { -readonly [Name in keyof PickInput]: PickInput[Name] };
  #removed = new Uint8Array(16);
  #scores = new Float64Array(16);
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
    this.#owners = owners;
    this.#random = random;
    this.log = log;
    this.#input = {
      table: endpoints,
      health,
      prefixes,
      blocks: this.#blocks,
      slots: new Int32Array(0),
      removed: this.#removed,
      tried: [],
      model: 0,
      panicThresholdPercent: 0,
      nowMs: 0,
      tick: 1,
    };
  }

  /**
   * @param tried indexes that this request was sent to before
   * @param fallbacks no more than so many others are named
   */
  pick(
    rows: PoolRows,
    request: PickRequest,
    tried: readonly number[],
    nowMs: number,
    fallbacks = 0,
  ): PickResult {
    const { slots, profile, endpoints } = rows;
    const count = slots.length;
    if (count === 0) return nobody(NO_ENDPOINTS, { start: -1, endpoints, profile });
    this.#begin(rows, request, tried, nowMs);
    const healthy = this.#filter(rows);
    const saturated = healthy && request.criticality === 'Sheddable' && this.#allSaturated(slots, nowMs);
    const start = this.#record(slots, profile, nowMs);
    const entry = { start, endpoints, profile };
    if (!healthy || saturated) {
      if (start !== -1) this.log.unscored(start, profile.scorers.length, count);
      return nobody(healthy ? SHED : ALL_UNHEALTHY, entry);
    }
    const blocks = this.#blocks;
    const { model } = this.#input;
    blocks.read(profile.readsPrompt ? request.prompt : undefined, model);
    this.#score(profile, count, start);
    const best = this.#best(count);
    const { owner = -1 } = request;
    const index = owner !== -1 && this.#removed[owner] === 0 ? owner : best;
    const runnerUp = index === best ? this.#next(count, index, NO_FALLBACKS) : best;
    return {
      index,
      runnerUp,
      fallbacks:
        fallbacks > 0 && runnerUp !== -1 ? this.#ranked(count, index, runnerUp, fallbacks) : NO_FALLBACKS,
      footprint: { model, blocks: blocks.count === 0 ? NO_BLOCKS : blocks.kept() },
      entry,
    };
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

  /** A request is on its way to a pool's endpoint, or is over. */
  enter(slot: number): void {
    this.#table.enter(slot);
  }

  leave(slot: number): void {
    this.#table.leave(slot);
  }

  #begin(
    { slots, panicThresholdPercent }: PoolRows,
    request: PickRequest,
    tried: readonly number[],
    nowMs: number,
  ): void {
    this.#fit(slots.length);
    const removed = this.#removed;
    for (let i = 0; i < slots.length; i++) removed[i] = 0;
    const input = this.#input;
    input.slots = slots;
    input.panicThresholdPercent = panicThresholdPercent;
    input.tried = tried;
    input.model = nameHash(request.model);
    input.nowMs = nowMs;
    input.tick = tickOf(nowMs);
  }

  /** @returns false when no endpoint can be used and the pool fails closed */
  #filter({ slots, pool, profile }: PoolRows): boolean {
    const removed = this.#removed;
    const { filters } = profile;
    for (let f = 0; f < filters.length; f++) {
      const { remove, restricts, firstReason, lastReason } = filters[f] as (typeof filters)[number];
      remove(this.#input, removed);
      if (isAnyKept(removed, slots.length)) continue;
      if (restricts && pool.failureMode === 'FailClose') return false;
      takeBack(removed, slots.length, firstReason, lastReason);
    }
    return true;
  }

  #allSaturated(slots: Int32Array, nowMs: number): boolean {
    for (let i = 0; i < slots.length; i++) {
      if (this.#removed[i] === 0 && !isSaturated(this.#table, this.#input.health, slots[i] as number, nowMs))
        return false;
    }
    return true;
  }

  #score({ scores: functions, weights }: Profile, count: number, start: number): void {
    const scores = this.#scores;
    const totals = this.#totals;
    for (let i = 0; i < count; i++) totals[i] = 0;
    for (let s = 0; s < functions.length; s++) {
      const weight = weights[s] as number;
      (functions[s] as (typeof functions)[number])(this.#input, scores);
      for (let i = 0; i < count; i++) totals[i] = (totals[i] as number) + weight * (scores[i] as number);
      if (start !== -1) this.log.scores(start, s, functions.length, scores, this.#removed, count);
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
    return best;
  }

  /** The best of those that are neither the picked one nor ranked already; -1: there is none. */
  #next(count: number, picked: number, ranked: readonly number[]): number {
    let next = -1;
    for (let i = 0; i < count; i++) {
      if (this.#removed[i] !== 0 || i === picked || (ranked.length > 0 && ranked.includes(i))) continue;
      if (next === -1 || (this.#totals[i] as number) > (this.#totals[next] as number)) next = i;
    }
    return next;
  }

  #ranked(count: number, picked: number, runnerUp: number, most: number): number[] {
    const ranked = [runnerUp];
    while (ranked.length < most) {
      const next = this.#next(count, picked, ranked);
      if (next === -1) break;
      ranked.push(next);
    }
    return ranked;
  }

  /** @returns where the pick's numbers are in the log; -1: they do not fit */
  #record(slots: Int32Array, { scorers }: Profile, nowMs: number): number {
    const table = this.#table;
    const start = this.log.begin(slots.length, scorers.length);
    if (start === -1) return start;
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as number;
      this.log.candidate(
        start,
        i,
        scorers.length,
        table.inFlight(slot),
        table.running(slot),
        table.waiting(slot),
        table.kvCacheUsage(slot),
        table.ageMs(slot, nowMs),
        this.#removed[i] as number,
      );
    }
    return start;
  }

  #fit(count: number): void {
    if (count <= this.#removed.length) return;
    const size = 2 ** Math.ceil(Math.log2(count));
    this.#removed = new Uint8Array(size);
    this.#scores = new Float64Array(size);
    this.#totals = new Float64Array(size);
    this.#input.removed = this.#removed;
  }
}

function nobody(index: number, entry: PickEntry): PickResult {
  return { index, runnerUp: -1, fallbacks: NO_FALLBACKS, footprint: NO_FOOTPRINT, entry };
}
