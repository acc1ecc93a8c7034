import type { FaultLog } from '../../kernel/index.ts';
import type { PickCounters } from './pick-counters.ts';
import type { PickerLog } from './picker-log.ts';

/** What the clients of all external pickers of a worker share. */
export interface PickerClientParts {
  readonly faults: FaultLog;
  readonly counters: PickCounters;
  readonly log: PickerLog;
  /** From asking to the answer's end. */
  readonly pickTimeoutMs: number;
  readonly maxBodyBytes: number;
}
