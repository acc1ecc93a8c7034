import type { Cluster } from './cluster.ts';
import type { LimitScope } from './limit.ts';
import type { Server } from './listener.ts';
import type { ObjectRef } from './object-ref.ts';
import type { Pool } from './pool.ts';

/**
 * All that a data plane needs to know, as immutable data that can be cloned to a worker or hashed.
 * A plane applies a whole Plan or none of it; a request finishes on the Plan that it began with.
 */
export interface Plan {
  /** Hash of the content: equal plans have equal versions. */
  readonly version: string;
  /** One per Gateway, port and protocol. */
  readonly servers: readonly Server[];
  /** By {@link Cluster.name}; routes name their clusters. */
  readonly clusters: readonly Cluster[];
  /** By {@link Pool.name}; clusters of kind `pool` name their pool. */
  readonly pools: readonly Pool[];
  /** By {@link LimitScope.name}; clusters and pools name the scopes that their requests count in. */
  readonly limits: readonly LimitScope[];
}

/** What carries the requests. */
export type PlaneKind = 'embedded' | 'envoy';

/**
 * Whom a process serves that may be one of several with the same limits. `last-answers`: each client once more, then it is to come
 * to another one; `none`: its connection is closed.
 */
export type Acceptance = 'all' | 'last-answers' | 'none';

/** What a plane says after it was given a Plan; statuses are made of it. */
export interface PlaneReport {
  /** The version of the Plan that the plane runs now. */
  readonly version: string;
  readonly servers: readonly ServerReport[];
  /** Why the newest Plan was refused as a whole; the version above is then the last good one. */
  readonly error?: string;
  /** What the plane does not serve of the Plan that it runs. */
  readonly leftOut?: readonly LeftOut[];
}

/** A part of a plan that a plane could not take: everything else is served, and requests for it are answered with 500 where these can be told. */
export interface LeftOut {
  /** Whose it is. */
  readonly source: ObjectRef;
  /** Of an HTTPRoute: index of the rule. */
  readonly rule?: number;
  /** Of a Gateway: {@link Listener.name} of the one that is not served. */
  readonly listener?: string;
  /** In the plane's words. */
  readonly message: string;
  /** Of a rule: its match is what the plane cannot take, so that its requests go to what else matches them, or get 404. */
  readonly unmatched?: true;
}

export interface ServerReport {
  /** {@link Server.name} */
  readonly name: string;
  /** Where clients reach it. */
  readonly bound?: { readonly address: string; readonly port: number };
  /** Why it is bound to another port than its own; absent also where somebody asked for that. */
  readonly moved?: string;
  /** Why it is not bound. */
  readonly error?: string;
  /** It may be bound there all the same, as this replica does not see who would bind it. */
  readonly elsewhere?: { readonly address: string; readonly port: number };
}
