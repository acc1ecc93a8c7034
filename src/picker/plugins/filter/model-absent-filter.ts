import { filter } from '../plugin.ts';

/** Endpoints that said lately that they do not have the model. */
export const modelAbsentFilter = filter({
  name: 'model-absent-filter',
  reasons: ['model-absent'],
  byDefault: true,
  parameters: {},
  needs: [],
  looksAt: ['model'],
  prepare:
    (_, reason) =>
    ({ table, slots, model, tick }, removed) => {
      if (model === 0) return;
      for (let i = 0; i < slots.length; i++)
        if (removed[i] === 0 && table.isAbsent(slots[i] as number, model, tick)) removed[i] = reason;
    },
});
