import type { Thresholds } from '../plan/index.ts';
import { ACTIVE, CONNECTIONS, type Count, type LimitTable, PENDING, RETRIES } from './limit-table.ts';

/** A LimitScope of the plan with its row. */
export interface ScopeHandle {
  readonly slot: number;
  readonly name: string;
  readonly thresholds: Thresholds;
}

const LIMIT_NAMES = [
  'maxParallelRequests',
  'maxPendingRequests',
  'maxConnections',
  'maxParallelRetries',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** No client is told to wait longer than this. */
const MAX_RETRY_AFTER_SECONDS = 30;

/** A refusal, with what a client may know of it. */
export interface Overflow {
  readonly limit: LimitName;
  readonly scope: string;
  readonly inUse: number;
  readonly max: number;
  /** From the measured drain rate; absent while it is unknown. Whole seconds, 1..30. */
  readonly retryAfterSeconds: number | undefined;
}

/** The right to have one request upstream. It ends exactly once; ending it again does nothing. */
export class Permit {
  readonly scope: ScopeHandle;
  readonly poolScope: ScopeHandle | undefined;
  readonly #table: LimitTable;
  #released = false;

  constructor(table: LimitTable, scope: ScopeHandle, poolScope: ScopeHandle | undefined) {
    this.#table = table;
    this.scope = scope;
    this.poolScope = poolScope;
  }

  /** The request is over; that it is tells how fast the scope drains. */
  release(nowMs: number): void {
    if (this.#released) return;
    this.#noteDrain(this.scope, nowMs);
    if (this.poolScope !== undefined) this.#noteDrain(this.poolScope, nowMs);
    this.cancel();
  }

  /** No request was sent. */
  cancel(): void {
    if (this.#released) return;
    this.#released = true;
    this.#table.give(this.scope.slot, ACTIVE);
    if (this.poolScope !== undefined) this.#table.give(this.poolScope.slot, ACTIVE);
  }

  #noteDrain({ slot, thresholds }: ScopeHandle, nowMs: number): void {
    if (this.#table.inUse(slot, ACTIVE) >= thresholds.maxParallelRequests) this.#table.noteDrain(slot, nowMs);
  }
}

/** Asks the shared table, by the meaning that Envoy's circuit breakers have (envoy.config.cluster.v3.CircuitBreakers). */
export class Limits {
  readonly table: LimitTable;

  constructor(table: LimitTable) {
    this.table = table;
  }

  /** Whether a request that needs no queue would be refused now: a look, nothing is taken. */
  isFull(scope: ScopeHandle, poolScope: ScopeHandle | undefined): boolean {
    return this.#full(scope) || (poolScope !== undefined && this.#full(poolScope));
  }

  /** maxParallelRequests of both scopes, or nothing is held. It never queues. */
  acquire(scope: ScopeHandle, poolScope: ScopeHandle | undefined, nowMs: number): Permit | Overflow {
    if (!this.#take(scope, nowMs)) return this.refuse(scope, 'maxParallelRequests');
    if (poolScope !== undefined && !this.#take(poolScope, nowMs)) {
      this.table.give(scope.slot, ACTIVE);
      return this.refuse(poolScope, 'maxParallelRequests');
    }
    return new Permit(this.table, scope, poolScope);
  }

  /** maxPendingRequests: requests that wait for a connection. */
  acquirePending(scope: ScopeHandle): boolean {
    return this.table.tryTake(scope.slot, PENDING, scope.thresholds.maxPendingRequests);
  }

  releasePending(scope: ScopeHandle): void {
    this.table.give(scope.slot, PENDING);
  }

  /** maxConnections, and perEndpoint.maxConnections in the row of its own that `endpoint` is. */
  acquireConnection(scope: ScopeHandle, endpoint: ScopeHandle | undefined): boolean {
    if (!this.table.tryTake(scope.slot, CONNECTIONS, scope.thresholds.maxConnections)) return false;
    if (endpoint === undefined) return true;
    const max = endpoint.thresholds.maxConnectionsPerEndpoint ?? Number.MAX_SAFE_INTEGER;
    if (this.table.tryTake(endpoint.slot, CONNECTIONS, max)) return true;
    this.table.give(scope.slot, CONNECTIONS);
    return false;
  }

  releaseConnection(scope: ScopeHandle, endpoint: ScopeHandle | undefined): void {
    if (endpoint !== undefined) this.table.give(endpoint.slot, CONNECTIONS);
    this.table.give(scope.slot, CONNECTIONS);
  }

  /** maxParallelRetries, or the retry budget in its place. */
  acquireRetry(scope: ScopeHandle): boolean {
    const { maxParallelRetries, retryBudget } = scope.thresholds;
    const max =
      retryBudget === undefined
        ? maxParallelRetries
        : Math.max(
            retryBudget.minRetryConcurrency,
            Math.floor(
              (retryBudget.percent / 100) *
                (this.table.inUse(scope.slot, ACTIVE) + this.table.inUse(scope.slot, PENDING)),
            ),
          );
    if (this.table.tryTake(scope.slot, RETRIES, max)) return true;
    this.table.countRefusal(scope.slot, RETRIES);
    return false;
  }

  releaseRetry(scope: ScopeHandle): void {
    this.table.give(scope.slot, RETRIES);
  }

  /** Counts a refusal and says what it is about. */
  refuse(scope: ScopeHandle, limit: LimitName): Overflow {
    this.table.countRefusal(scope.slot, LIMIT_NAMES.indexOf(limit) as Count);
    return this.overflow(scope, limit);
  }

  /** What a refusal is about. */
  overflow(scope: ScopeHandle, limit: LimitName): Overflow {
    const count = LIMIT_NAMES.indexOf(limit) as Count;
    const intervalMs = this.table.drainIntervalMs(scope.slot);
    return {
      limit,
      scope: scope.name,
      inUse: this.table.inUse(scope.slot, count),
      max: scope.thresholds[limit],
      retryAfterSeconds:
        intervalMs === 0
          ? undefined
          : Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(1, Math.ceil(intervalMs / 1000))),
    };
  }

  #take({ slot, thresholds }: ScopeHandle, nowMs: number): boolean {
    const max = thresholds.maxParallelRequests;
    if (!this.table.tryTake(slot, ACTIVE, max)) return false;
    if (this.table.inUse(slot, ACTIVE) >= max) this.table.noteFull(slot, nowMs);
    return true;
  }

  #full(scope: ScopeHandle): boolean {
    const { maxParallelRequests, maxConnections } = scope.thresholds;
    const active = this.table.inUse(scope.slot, ACTIVE);
    // With every connection busy a request queues for one before it counts as active.
    return active >= maxParallelRequests && active < maxConnections;
  }
}
