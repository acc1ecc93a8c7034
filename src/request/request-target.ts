import type { ScopeHandle } from '../limits/index.ts';
import type { EndpointChoice } from './endpoint/endpoint-choice.ts';
import type { ExternalPicking } from './external-picker/picker-clients.ts';
import type { SentRequests } from './ownership/sent-requests.ts';

/** Where a request may go: the endpoints of a cluster, and the limits that it counts in. */
export interface Target {
  /** Cluster.name; undefined where a gateway does not say by which route it comes. */
  readonly name: string | undefined;
  readonly choice: EndpointChoice;
  readonly scope: ScopeHandle | undefined;
  /** Of the pool, over all routes to it. */
  readonly poolScope: ScopeHandle | undefined;
  readonly ownership: Ownership;
  /** The pool has a picker of its own, which is asked. */
  readonly external: ExternalPicking | undefined;
}

/** Whether this process may let requests of a pool go, and what is in flight that it did not let go itself. */
export interface Ownership {
  grants(nowMs: number): boolean;
  /** Requests at the model servers that this process did not send there. */
  foreign(nowMs: number): number;
  /** Those that it has let go; undefined: nobody asks for them. */
  readonly requests: SentRequests | undefined;
}

/** Of what no other process sends requests to. */
export const SOLE_OWNERSHIP: Ownership = {
  grants: () => true,
  foreign: () => 0,
  requests: undefined,
};
