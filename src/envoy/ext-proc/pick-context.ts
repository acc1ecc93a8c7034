import type { FaultLog } from '../../kernel/index.ts';
import type { LifeParts } from '../../request/index.ts';
import type { ExtProcBounds } from './ext-proc-bounds.ts';

/** What all streams share. */
export interface PickContext extends LifeParts {
  readonly bounds: ExtProcBounds;
  /** Is told what of ours threw. */
  readonly faults: FaultLog;
  /** Who is told names and decisions with an answer; `marked`: whom our own Envoy says so of (see {@link OPERATOR_HEADER}). */
  readonly operators: 'marked' | 'everybody' | 'nobody';
  /** The gateway chooses its route anew after a pick (a route that matches only with the destination header). */
  readonly clearRouteCache: boolean;
  /** For requests that come without an `x-request-id`. */
  readonly newRequestId: () => string;
}
