import type { AdapterState } from '../../../endpoints/index.ts';
import { scorer } from '../plugin.ts';

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

export const loraAffinityScorer = scorer({
  name: 'lora-affinity-scorer',
  // More than the Inference Extension's 1: to load an adapter takes as long as many tokens.
  defaultWeight: 2,
  parameters: {},
  needs: ['model', 'adapters'],
  prepare:
    () =>
    ({ table, slots, model }, scores) => {
      for (let i = 0; i < slots.length; i++)
        scores[i] = ADAPTER_SCORES[table.adapterState(slots[i] as number, model)];
    },
});
