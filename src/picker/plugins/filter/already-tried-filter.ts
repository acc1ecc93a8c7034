import { filter } from '../plugin.ts';

/** Endpoints that this request failed at before. */
export const alreadyTriedFilter = filter({
  name: 'already-tried-filter',
  reasons: ['already-tried'],
  byDefault: true,
  parameters: {},
  needs: [],
  prepare:
    (_, reason) =>
    ({ slots, tried }, removed) => {
      for (let t = 0; t < tried.length; t++) {
        const i = tried[t] as number;
        if (i < slots.length && removed[i] === 0) removed[i] = reason;
      }
    },
});
