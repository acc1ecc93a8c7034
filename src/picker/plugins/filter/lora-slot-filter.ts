import { filter } from '../plugin.ts';

/** Endpoints that would have to unload another adapter first. */
export const loraSlotFilter = filter({
  name: 'lora-slot-filter',
  reasons: ['lora-slot-available'],
  byDefault: true,
  parameters: {},
  needs: [],
  looksAt: ['model', 'adapters'],
  prepare:
    (_, reason) =>
    ({ table, slots, model }, removed) => {
      if (model === 0) return;
      for (let i = 0; i < slots.length; i++)
        if (removed[i] === 0 && table.adapterState(slots[i] as number, model) === 'full') removed[i] = reason;
    },
});
