import { numberParameter } from './parameter.ts';

/** Figures older than this are not believed: ten scrapes were missed. */
export const STALE_MS = 2000;

export const metricsStalenessThresholdMs = numberParameter({
  default: STALE_MS,
  unit: 'ms',
  min: 200,
  max: 60_000,
  whole: true,
  meaning: 'figures older than this are not believed',
});
