import type { HealthTable } from '../limits/index.ts';
import { SCORERS, type ScorerName } from '../plan/index.ts';
import type { AdapterState, EndpointTable } from './endpoint-table.ts';
import type { PrefixTable } from './prefix-table.ts';
import type { PromptBlocks } from './prompt-blocks.ts';

/**
 * The Inference Extension's weights for what it has too, but for adapters: to load one takes as long as many tokens.
 * What is in flight weighs as much as a queue.
 */
const DEFAULT_WEIGHTS: Readonly<Record<ScorerName, number>> = {
  'queue-scorer': 2,
  'kv-cache-utilization-scorer': 2,
  'lora-affinity-scorer': 2,
  'in-flight-scorer': 2,
  'prefix-cache-scorer': 3,
};

/** Figures older than this are not believed: ten scrapes were missed. */
export const STALE_MS = 2000;

/** In the order of {@link SCORERS}; a pool's own weights take the place of the defaults. */
export function weightsOf(own: Readonly<Record<string, number>>): Float64Array {
  return Float64Array.from(SCORERS, name => own[name] ?? DEFAULT_WEIGHTS[name]);
}

/** What the scorers look at. Each gives every candidate a score of 0..1; more is better. */
export interface ScorerInput {
  readonly table: EndpointTable;
  readonly health: HealthTable;
  readonly prefixes: PrefixTable;
  readonly blocks: PromptBlocks;
  readonly slots: Int32Array;
  /** Not 0: a filter removed it, and it does not count in comparisons. */
  readonly removed: Uint8Array;
  /** Hash of the model that is asked for. */
  readonly model: number;
  readonly nowMs: number;
}

/** Row i gets the score of slots[i]. */
type Scorer = (input: ScorerInput, scores: Float64Array) => void;

const QUEUE: Scorer = ({ table, health, slots, removed, nowMs }, scores) => {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] as number;
    // For each request that has ended since, one that waited has begun.
    const waiting =
      table.ageMs(slot, nowMs) > STALE_MS
        ? 0
        : Math.max(0, table.waiting(slot) + Math.min(0, table.sinceScrape(slot)));
    scores[i] = waiting + health.recentFailures.load(slot, nowMs);
  }
  fewerIsBetter(scores, removed, slots.length);
};

/** What nobody knows scores in the middle. */
const UNKNOWN_KV_CACHE = 0.5;

const KV_CACHE: Scorer = ({ table, slots, nowMs }, scores) => {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] as number;
    const usage = table.kvCacheUsage(slot);
    scores[i] =
      table.ageMs(slot, nowMs) > STALE_MS || Number.isNaN(usage)
        ? UNKNOWN_KV_CACHE
        : 1 - Math.min(1, Math.max(0, usage));
  }
};

/** The Inference Extension's figures: loaded, then room for one more, then about to be loaded. */
const ADAPTER_SCORES: Readonly<Record<AdapterState, number>> = {
  base: 1,
  running: 1,
  loaded: 1,
  room: 0.8,
  swap: 0.7,
  waiting: 0.6,
  full: 0,
};

const LORA_AFFINITY: Scorer = ({ table, slots, model }, scores) => {
  for (let i = 0; i < slots.length; i++)
    scores[i] = ADAPTER_SCORES[table.adapterState(slots[i] as number, model)];
};

/**
 * All that the endpoint has to do: what its figures show and what was sent since; our own count where there are none. What
 * it failed lately counts as well.
 */
const IN_FLIGHT: Scorer = ({ table, health, slots, removed, nowMs }, scores) => {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i] as number;
    const atWork =
      table.ageMs(slot, nowMs) > STALE_MS
        ? table.inFlight(slot)
        : Math.max(table.inFlight(slot), table.running(slot) + table.waiting(slot) + table.sinceScrape(slot));
    scores[i] = atWork + health.recentFailures.load(slot, nowMs);
  }
  fewerIsBetter(scores, removed, slots.length);
};

const PREFIX_CACHE: Scorer = ({ prefixes, blocks, slots }, scores) => {
  for (let i = 0; i < slots.length; i++) {
    scores[i] =
      blocks.count === 0
        ? 0
        : prefixes.matched(blocks.hashes, blocks.count, slots[i] as number) / blocks.count;
  }
};

/** In the order of {@link SCORERS}. */
export const SCORER_FUNCTIONS: readonly Scorer[] = SCORERS.map(
  name =>
    ({
      'queue-scorer': QUEUE,
      'kv-cache-utilization-scorer': KV_CACHE,
      'lora-affinity-scorer': LORA_AFFINITY,
      'in-flight-scorer': IN_FLIGHT,
      'prefix-cache-scorer': PREFIX_CACHE,
    })[name],
);

/** The least loaded gets 1, one with twice as much (plus one) half of it: a difference of one counts less among many. */
function fewerIsBetter(loads: Float64Array, removed: Uint8Array, count: number): void {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) if (removed[i] === 0) least = Math.min(least, loads[i] as number);
  for (let i = 0; i < count; i++) loads[i] = Math.min(1, (least + 1) / ((loads[i] as number) + 1));
}
