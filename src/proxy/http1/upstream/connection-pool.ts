import type { ConnectionOptions } from 'node:tls';
import {
  type FaultLog,
  monotonicMs,
  random,
  sleep,
  startIntervalFor,
  stopTimer,
  type Timer,
} from '../../../kernel/index.ts';
import type { Limits, ScopeHandle } from '../../../limits/index.ts';
import { CONNECTIONS, PENDING } from '../../../limits/index.ts';
import type { Cluster } from '../../../plan/index.ts';
import type { Address } from '../../../request/index.ts';
import { backendTlsOptions } from '../../../tls/index.ts';
import type { AskForIdle, ConnectionParts } from '../../codec/upstream-codec.ts';
import type { UpstreamEvents } from '../../codec/upstream-events.ts';
import type { TryOptions, UpstreamConnections, UpstreamStream } from '../../codec/upstream-stream.ts';
import { IdleConnections } from './idle-connections.ts';
import { type ConnectionOwner, UpstreamConnection } from './upstream-connection.ts';
import { UpstreamTry } from './upstream-try.ts';
import type { ConnectionSource, ConnectionWaiter } from './waiter.ts';

const QUEUE_POLL_MS = 100;
/** Workers are asked for idle connections at most so often, however many requests queue. */
const ASK_EVERY_MS = 5;
const IDLE_SWEEP_MS = 1000;

/**
 * The connections of one cluster in one worker. maxConnections counts those of all workers, idle ones too; a request
 * that finds none waits as pending, and so does one whose connection is being opened, as in Envoy.
 */
export class ConnectionPool implements ConnectionSource, ConnectionOwner, UpstreamConnections {
  #cluster: Cluster;
  #scope: ScopeHandle;
  readonly #limits: Limits;
  #endpointScope: (endpoint: string) => ScopeHandle | undefined;
  readonly #askForIdle: AskForIdle;
  readonly #faults: FaultLog;
  readonly #idle = new IdleConnections();
  readonly #opening = new Map<UpstreamConnection, ConnectionWaiter>();
  readonly #queue: ConnectionWaiter[] = [];
  /** With the row of its endpoint, which a new plan may no longer name. */
  readonly #open = new Map<UpstreamConnection, ScopeHandle | undefined>();
  #pumping = false;
  #askedAtMs = 0;
  #draining = false;
  readonly #tls: ConnectionOptions | undefined;
  readonly #sweep: Timer;

  constructor({ cluster, scope, limits, endpointScope, askForIdle, faults }: ConnectionParts) {
    this.#cluster = cluster;
    this.#scope = scope;
    this.#limits = limits;
    this.#endpointScope = endpointScope;
    this.#askForIdle = askForIdle;
    this.#faults = faults;
    this.#tls = cluster.tls && backendTlsOptions(cluster.tls);
    this.#sweep = startIntervalFor(this, IDLE_SWEEP_MS, () =>
      this.#idle.closeBad(monotonicMs(), this.#cluster.idleTimeoutMs),
    );
  }

  /** Of a cluster that changes this, none is used any more. */
  get tls(): Cluster['tls'] {
    return this.#cluster.tls;
  }

  get scope(): ScopeHandle {
    return this.#scope;
  }

  /** A new plan has the same cluster with other figures. */
  update(
    cluster: Cluster,
    scope: ScopeHandle,
    endpointScope: (endpoint: string) => ScopeHandle | undefined,
  ): void {
    this.#cluster = cluster;
    this.#scope = scope;
    this.#endpointScope = endpointScope;
  }

  open(target: Address, events: UpstreamEvents, options: TryOptions): UpstreamStream {
    return new UpstreamTry(target, this, events, options);
  }

  get(waiter: ConnectionWaiter): void {
    if (this.#useIdle(waiter)) return;
    if (!this.#limits.acquirePending(this.#scope)) {
      waiter.refused('maxPendingRequests');
      return;
    }
    if (this.#openFor(waiter)) return;
    if (this.#isShut) {
      this.#shutOut(waiter);
      return;
    }
    this.#queue.push(waiter);
    this.#ask(monotonicMs());
    void this.#pump();
  }

  /** The request is gone: what it waits for is given back at once. */
  cancel(waiter: ConnectionWaiter): void {
    waiter.cancelled = true;
    const at = this.#queue.indexOf(waiter);
    if (at !== -1) {
      this.#queue.splice(at, 1);
      this.#limits.releasePending(this.#scope);
      return;
    }
    for (const [connection, opening] of this.#opening) {
      if (opening === waiter) connection.destroy();
    }
  }

  /** Gives a connection back after an answer. */
  release(connection: UpstreamConnection, reusable: boolean): void {
    connection.user = undefined;
    const { maxRequestsPerConnection } = this.#scope.thresholds;
    const { maxConnectionDurationMs } = this.#cluster;
    const now = monotonicMs();
    if (
      !reusable ||
      connection.closed ||
      this.#draining ||
      (maxRequestsPerConnection > 0 && connection.requests >= maxRequestsPerConnection) ||
      (maxConnectionDurationMs !== undefined && now - connection.openedAtMs >= maxConnectionDurationMs) ||
      this.#othersShouldHaveIt()
    ) {
      connection.destroy();
      return;
    }
    connection.idleSinceMs = now;
    this.#idle.add(connection);
    this.#serveQueue();
  }

  /** Closes one idle connection, so that another worker may open one. */
  yieldIdle(): void {
    if (this.#queue.length === 0) this.#idle.closeOne(undefined);
  }

  /** Closes what is idle now and, from now on, every connection after its answer. */
  drain(): void {
    this.#draining = true;
    this.#idle.closeAll();
    if (this.#open.size === 0) stopTimer(this.#sweep);
  }

  connectionReady(connection: UpstreamConnection): void {
    const waiter = this.#opening.get(connection);
    this.#opening.delete(connection);
    if (waiter === undefined) return;
    this.#limits.releasePending(this.#scope);
    if (waiter.cancelled) this.release(connection, true);
    else {
      connection.requests++;
      waiter.granted(connection);
    }
  }

  connectionFailed(connection: UpstreamConnection, error: Error): void {
    const waiter = this.#opening.get(connection);
    this.#opening.delete(connection);
    if (waiter === undefined) return;
    this.#limits.releasePending(this.#scope);
    if (!waiter.cancelled) waiter.failed(error);
  }

  connectionClosed(connection: UpstreamConnection): void {
    this.#idle.delete(connection);
    this.#limits.releaseConnection(this.#scope, this.#open.get(connection));
    this.#open.delete(connection);
    if (this.#draining && this.#open.size === 0) stopTimer(this.#sweep);
    this.#serveQueue();
  }

  fault(thrown: unknown): void {
    this.#faults.tell('the connections of a cluster', thrown, this.#cluster.name);
  }

  #useIdle(waiter: ConnectionWaiter): boolean {
    if (waiter.fresh) return false;
    const connection = this.#idle.best(waiter.target.id, monotonicMs(), this.#cluster.idleTimeoutMs);
    if (connection === undefined) return false;
    if (!waiter.admit()) return true;
    this.#idle.delete(connection);
    connection.requests++;
    waiter.granted(connection);
    return true;
  }

  /** Opens a connection for a request that already counts as pending; false when the limit is reached. */
  #openFor(waiter: ConnectionWaiter): boolean {
    const endpointScope = this.#endpointScope(waiter.target.id);
    if (!this.#limits.acquireConnection(this.#scope, endpointScope)) {
      this.#limits.table.countRefusal(this.#scope.slot, CONNECTIONS);
      // An idle connection to another endpoint is closed for this one; its place is free when it has closed.
      this.#idle.closeOne(waiter.target.id);
      return false;
    }
    if (!waiter.admit()) {
      this.#limits.releaseConnection(this.#scope, endpointScope);
      this.#limits.releasePending(this.#scope);
      return true;
    }
    try {
      const connection = this.#connect(waiter.target);
      this.#open.set(connection, endpointScope);
      this.#opening.set(connection, waiter);
    } catch (thrown) {
      this.#limits.releaseConnection(this.#scope, endpointScope);
      this.#limits.releasePending(this.#scope);
      waiter.fault(thrown);
    }
    return true;
  }

  #connect({ id, address, port }: Address): UpstreamConnection {
    const { connectTimeoutMs } = this.#cluster;
    const target = { endpoint: id, address, port, connectTimeoutMs, tls: this.#tls };
    return new UpstreamConnection(this, target, monotonicMs());
  }

  #serveQueue(): void {
    for (let i = 0; i < this.#queue.length; ) {
      const waiter = this.#queue[i] as ConnectionWaiter;
      if (!waiter.fresh && this.#idle.hasUsable(waiter.target.id)) {
        this.#queue.splice(i, 1);
        this.#limits.releasePending(this.#scope);
        this.#useIdle(waiter);
        continue;
      }
      if (this.#openFor(waiter)) {
        this.#queue.splice(i, 1);
        continue;
      }
      // A live edit has taken the limit down to 0.
      if (this.#isShut) {
        this.#queue.splice(i, 1);
        this.#shutOut(waiter);
        continue;
      }
      i++;
    }
  }

  /** While requests wait, anything that is given back in the scope, by any worker, is a reason to look again. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#queue.length > 0) {
      try {
        await this.#limits.table.waitForRelease(this.#scope.slot, QUEUE_POLL_MS);
        this.#serveQueue();
        if (this.#queue.length > 0) this.#ask(monotonicMs());
      } catch (thrown) {
        this.fault(thrown);
        // Not at once: what throws may throw each time.
        await sleep(QUEUE_POLL_MS);
      }
    }
    this.#pumping = false;
  }

  #ask(nowMs: number): void {
    if (Math.abs(nowMs - this.#askedAtMs) < ASK_EVERY_MS) return;
    this.#askedAtMs = nowMs;
    this.#askForIdle(this.#scope.slot);
  }

  /** Whether requests of other workers wait for a connection while all are taken: each worker's share is fair. */
  #othersShouldHaveIt(): boolean {
    const { table } = this.#limits;
    const { slot, thresholds } = this.#scope;
    if (table.inUse(slot, CONNECTIONS) < thresholds.maxConnections) return false;
    const waiting = table.inUse(slot, PENDING);
    const others = waiting - this.#queue.length - this.#opening.size;
    return others > 0 && random() * waiting < others;
  }

  /** Nothing would ever end a wait for a connection. */
  get #isShut(): boolean {
    return this.#scope.thresholds.maxConnections === 0 && this.#open.size === 0;
  }

  #shutOut(waiter: ConnectionWaiter): void {
    this.#limits.releasePending(this.#scope);
    waiter.refused('maxConnections');
  }
}
