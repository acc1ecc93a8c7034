import type { EndpointTable, HealthTable } from '../../endpoints/index.ts';
import type { PrefixTable } from '../prefix-table.ts';
import type { PromptBlocks } from '../prompt-blocks.ts';

/** What plugins look at: one object of the picker's, which is filled anew for each pick. */
export interface PickInput {
  readonly table: EndpointTable;
  readonly health: HealthTable;
  readonly prefixes: PrefixTable;
  /** Of the prompt; none where no plugin of the pool needs it, or there is none. */
  readonly blocks: PromptBlocks;
  /** Candidate i is the endpoint in row slots[i] of the tables. */
  readonly slots: Int32Array;
  /** Not 0: a filter removed candidate i, and it does not count in comparisons. */
  readonly removed: Uint8Array;
  /** Candidates that this request was sent to before. */
  readonly tried: readonly number[];
  /** Hash of the model that is asked for; 0: not known. */
  readonly model: number;
  /** With a smaller share of healthy candidates than this, health is not looked at. */
  readonly panicThresholdPercent: number;
  readonly nowMs: number;
  /** Now, as the prefix table and what endpoints do not have count it. */
  readonly tick: number;
}
