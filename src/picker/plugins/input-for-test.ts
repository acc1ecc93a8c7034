import { type EndpointFigures, EndpointTable, HealthTable } from '../../endpoints/index.ts';
import { PrefixTable } from '../prefix-table.ts';
import { PromptBlocks } from '../prompt-blocks.ts';
import { valuesOf } from './parameter.ts';
import type { PickInput } from './pick-input.ts';
import type { Filter, Scorer } from './plugin.ts';

export const NOW_MS = 1_000_000;

const CALM: EndpointFigures = {
  running: 0,
  waiting: 0,
  kvCacheUsage: 0,
  modelName: 'base',
  runningAdapters: [],
  waitingAdapters: [],
  maxAdapters: 2,
};

/** Candidates in rows 0, 1, …, of which nothing is known. */
export function inputForTest(count: number, change: Partial<PickInput> = {}): PickInput {
  return {
    table: EndpointTable.create(1, count),
    health: HealthTable.create(count),
    prefixes: PrefixTable.create(1 << 10),
    blocks: new PromptBlocks(),
    slots: Int32Array.from({ length: count }, (_, i) => i),
    removed: new Uint8Array(count),
    tried: [],
    model: 0,
    panicThresholdPercent: 50,
    nowMs: NOW_MS,
    tick: 1000,
    ...change,
  };
}

/** A scrape has told this of a candidate; the rest is calm. */
export function scraped({ table }: PickInput, slot: number, some: Partial<EndpointFigures>, ageMs = 0): void {
  const atMs = NOW_MS - ageMs;
  table.setFigures(slot, { ...CALM, ...some }, { inFlight: table.inFlight(slot), atMs }, atMs);
}

/** What a scorer gives each candidate. @param parameters those that are not the defaults */
export function scoresOf(
  scorer: Scorer,
  input: PickInput,
  parameters: Readonly<Record<string, unknown>> = {},
): number[] {
  const scores = new Float64Array(input.slots.length).fill(Number.NaN);
  scorer.prepare(valuesOf(scorer.parameters, parameters))(input, scores);
  return [...scores];
}

/** Why a filter takes each candidate away; '' where it does not. */
export function reasonsOf(
  filter: Filter,
  input: PickInput,
  parameters: Readonly<Record<string, unknown>> = {},
): string[] {
  const removed = Uint8Array.from(input.removed);
  filter.prepare(valuesOf(filter.parameters, parameters), 1)(input, removed);
  return Array.from(removed, why => (why === 0 ? '' : (filter.reasons[why - 1] ?? `${why}`)));
}
