import type { ResourceSet } from '../api/index.ts';
import type { PlaneReport } from '../plan/index.ts';
import type { StatusEntry, Translation } from '../translate/index.ts';
import type { Finding } from './findings.ts';

/** The outcome of one cycle: everything in it belongs together. */
export interface Cycle {
  readonly set: ResourceSet;
  readonly translation: Translation;
  readonly report: PlaneReport;
  readonly findings: readonly Finding[];
  readonly statuses: readonly StatusEntry[];
}
