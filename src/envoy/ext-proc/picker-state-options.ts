import type { PoolOwners } from '../../plane/index.ts';
import type { Steps } from '../../request/index.ts';
import type { ExtProcBounds } from './ext-proc-bounds.ts';
import type { PickContext } from './pick-context.ts';

/** How a picker is made. */
export interface PickerStateOptions {
  readonly bounds?: Partial<ExtProcBounds>;
  /** See {@link PickContext.operators}. Default: nobody. */
  readonly operators?: PickContext['operators'];
  /** See {@link PickContext.clearRouteCache}. Default: false. */
  readonly clearRouteCache?: boolean;
  /** How long what model servers report counts in the limits after a start. Default: 10 min, as long as a long answer takes. */
  readonly graceMs?: number;
  /** Several pickers share the pools: which one grants. Default: this is the only one. */
  readonly owners?: PoolOwners;
  /** External pickers are asked; without it, this is such a one. Default: false. */
  readonly asksOthers?: boolean;
  /** Of the shared tables. Default: {@link TABLE_ROWS}. */
  readonly tableRows?: number;
  /** What is decided about requests. Default: {@link STEPS}. */
  readonly steps?: Steps;
  readonly onEvent: (message: string, severity: 'info' | 'warning' | 'error') => void;
}
