import type { PluginCatalog } from '../../plan/index.ts';

/** What translation is told of a picker, as the command line tells it of the real one. */
export const PLUGINS: PluginCatalog = {
  scorers: ['queue-scorer', 'prefix-cache-scorer'],
  filters: ['zone-filter'],
  problems: (plugin, given) =>
    Object.entries(given)
      .filter(([name, value]) => name !== 'blocks' || typeof value !== 'number')
      .map(([name]) => ({ name, message: `${plugin}: ${name} is wrong` })),
};
