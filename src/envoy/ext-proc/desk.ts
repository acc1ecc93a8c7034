import type { ByteBudget, FaultLog, Random } from '../../kernel/index.ts';
import type { Limits } from '../../limits/index.ts';
import type { Picker } from '../../picker/index.ts';
import type { Decision, DecisionLog } from '../../request/index.ts';
import type { ExtProcBounds } from './bounds.ts';

/** What all streams share. */
export interface Desk {
  readonly limits: Limits;
  readonly picker: Picker;
  readonly decisions: DecisionLog;
  readonly bounds: ExtProcBounds;
  readonly bodies: ByteBudget;
  /** Is told what of ours threw. */
  readonly faults: FaultLog;
  readonly random: Random;
  /** Who is told names and decisions with an answer; `marked`: whom our own Envoy says so of (see {@link OPERATOR_HEADER}). */
  readonly operators: 'marked' | 'everybody' | 'nobody';
  /** The gateway chooses its route anew after a pick (a route that matches only with the destination header). */
  readonly clearRouteCache: boolean;
  /** For requests that come without an `x-request-id`. */
  readonly newRequestId: () => string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** A request has come. */
  readonly began: (decision: Decision) => void;
  /** Told once for each request, when its stream has ended. */
  readonly ended: (decision: Decision) => void;
}
