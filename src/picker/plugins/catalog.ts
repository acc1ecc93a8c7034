import type { PluginCatalog } from '../../plan/index.ts';
import { FILTERS, SCORERS } from './list.ts';
import { parameterProblems } from './parameter.ts';

const ALL = new Map([...FILTERS, ...SCORERS].map(({ name, parameters }) => [name, parameters]));

/** The picker's plugins, as manifests may name them. */
export const PLUGIN_CATALOG: PluginCatalog = {
  scorers: SCORERS.map(({ name }) => name),
  filters: FILTERS.map(({ name }) => name),
  problems: (name, given) => parameterProblems(name, ALL.get(name) ?? {}, given),
};
