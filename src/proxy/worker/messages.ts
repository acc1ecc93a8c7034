import type { SharedEndpoints, SharedHealth } from '../../endpoints/index.ts';
import type { SharedByteBudget } from '../../kernel/index.ts';
import type { SharedLimits } from '../../limits/index.ts';
import type { SharedTable } from '../../picker/index.ts';
import type { Acceptance, LeftOut, Plan } from '../../plan/index.ts';
import type { Decision } from '../../request/index.ts';
import type { ProxyLimits } from '../defaults.ts';

/** What a worker is started with. */
export interface WorkerInit {
  /** 1-based; 0 is the main thread. */
  readonly worker: number;
  readonly limits: SharedLimits;
  readonly health: SharedHealth;
  readonly endpoints: SharedEndpoints;
  readonly prefixes: SharedTable;
  readonly owners: SharedTable;
  readonly bodies: SharedByteBudget;
  /** See counters.ts. */
  readonly counters: SharedArrayBuffer;
  /** See src/request/external-picker/pick-counters.ts. */
  readonly picks: SharedArrayBuffer;
  readonly bounds: ProxyLimits;
}

/** A plan with all that was decided about it once for all workers. */
export interface Assignment {
  readonly plan: Plan;
  /** Scope name, or `SCOPE#ENDPOINT`, → row of the limit table. */
  readonly limitSlots: ReadonlyMap<string, number>;
  /** `POOL-OR-CLUSTER#ENDPOINT` → row of health and endpoint tables. */
  readonly endpointSlots: ReadonlyMap<string, number>;
  /** Server name → where to listen. */
  readonly bindings: ReadonlyMap<string, Binding>;
}

export interface Binding {
  readonly address: string;
  readonly port: number;
  /** The one that clients know, where something before us leads it to that. */
  readonly publicPort?: number;
}

export type ToWorker =
  | { readonly type: 'apply'; readonly id: number; readonly assignment: Assignment }
  | { readonly type: 'explain'; readonly id: number; readonly requestId: string }
  | { readonly type: 'yield-idle'; readonly slot: number }
  | { readonly type: 'set-acceptance'; readonly acceptance: Acceptance }
  /** Connections that come are led on to this host; undefined: they wait for that. */
  | { readonly type: 'hand-over'; readonly host: string | undefined }
  | { readonly type: 'drain'; readonly id: number };

export interface Answer {
  /** To explain. */
  readonly decision?: Decision;
  /** To apply: what of the plan cannot be served. */
  readonly leftOut?: readonly LeftOut[];
}

export type FromWorker =
  | { readonly type: 'ready' }
  /** Answers apply, explain and drain by their id. */
  | ({ readonly type: 'done'; readonly id: number; readonly error?: string } & Answer)
  | { readonly type: 'ask-for-idle'; readonly slot: number }
  /** Something of ours threw, and one request has paid for it. */
  | { readonly type: 'fault'; readonly message: string }
  /** For the log. */
  | { readonly type: 'warning'; readonly message: string };
