import { type Lease, type LeaseObject, leaseOf } from '../leases/index.ts';
import type { RawObject } from '../source/index.ts';
import { leaseKind, POOL_ANNOTATION, REPORT_ANNOTATION } from './permit-names.ts';

/** What is seen of a replica's Lease. */
export interface ReplicaSeen {
  readonly lease: Lease;
  readonly uid: string;
  /** When it was first seen just so, or its replica was last heard of by other ways. */
  readonly seenAtMs: number;
}

/** What is seen of a pool's Lease. */
export interface PoolSeen {
  readonly lease: Lease;
  /** `NAMESPACE/NAME`; '' where it does not say. */
  readonly pool: string;
  readonly atMs: number;
  /** When a Lease of another token was last seen gone before this one was made; -Infinity: this one was taken over by its version. */
  readonly othersGoneAtMs: number;
}

/** Of a pool's Lease that is not there. */
export interface Absence {
  /** Since when it is known not to be there, without a break in the watch. */
  readonly sinceMs: number;
  /** Who had it last; undefined: not known. */
  readonly token: string | undefined;
  /** When a Lease of another token than that was last seen gone. */
  readonly othersGoneAtMs: number;
}

/** What is seen of a replica's report. */
export interface ReportSeen {
  /** Of the life in which it was said. */
  readonly token: string;
  readonly text: string;
  readonly version: string;
  readonly atMs: number;
}

/**
 * A token is of one life of a replica. `dead`: whoever had it does not grant any more, and never will again. `silent`: it has
 * not renewed for as long as its Lease lasts, and may be taken from it: only once that is written is it dead.
 */
export type TokenState = 'alive' | 'silent' | 'dead';

/**
 * The Leases of pools and replicas, and what replicas report, as a watch shows them. A watch may lag, so that nothing that could be different by now is
 * concluded of it: a token whose Lease was taken by another is dead for good, and one that is silent here is asked for by a
 * write that names the version.
 */
export class LeaseView {
  readonly #now: () => number;
  readonly #leaseDurationMs: number;
  #replicas = new Map<string, ReplicaSeen>();
  #pools = new Map<string, PoolSeen>();
  readonly #reports = new Map<string, ReportSeen>();
  /** Of pools' Leases that were there. */
  readonly #absences = new Map<string, Absence>();
  /** When a pool's Lease was last seen not to name this token any more. */
  readonly #lostAtMs = new Map<string, number>();
  /** The last list has ended then: what came and went before it was not seen. */
  #listedAtMs = Number.POSITIVE_INFINITY;
  #fresh: Set<string> | undefined;
  /** Tokens that no Lease of a replica has: when they are dead. */
  readonly #deadAtMs = new Map<string, number>();

  constructor(leaseDurationMs: number, now: () => number) {
    this.#leaseDurationMs = leaseDurationMs;
    this.#now = now;
  }

  get replicas(): ReadonlyMap<string, ReplicaSeen> {
    return this.#replicas;
  }

  /** By names of Leases. */
  get pools(): ReadonlyMap<string, PoolSeen> {
    return this.#pools;
  }

  /** By names of Leases. */
  get reports(): ReadonlyMap<string, ReportSeen> {
    return this.#reports;
  }

  /** Of the replica whose token this is. */
  replicaOf(token: string): ReplicaSeen | undefined {
    for (const seen of this.#replicas.values()) if (seen.lease.record.token === token) return seen;
    return undefined;
  }

  /** Of a pool's Lease that {@link pools} does not have. */
  absence(name: string): Absence {
    const seen = this.#absences.get(name);
    return seen !== undefined && seen.sinceMs > this.#listedAtMs
      ? seen
      : { sinceMs: this.#listedAtMs, token: undefined, othersGoneAtMs: this.#listedAtMs };
  }

  /** When a pool's Lease was last seen to be another's, or gone, that had named this token; -Infinity: never. */
  lostAtMs(token: string): number {
    return this.#lostAtMs.get(token) ?? Number.NEGATIVE_INFINITY;
  }

  /** Of the token in the Lease of a pool; none is as good as a dead one. */
  stateOf(token: string): TokenState {
    if (token === '') return 'dead';
    const nowMs = this.#now();
    const seen = this.replicaOf(token);
    if (seen !== undefined) return this.#isSilent(seen, nowMs) ? 'silent' : 'alive';
    // Its Lease is gone, or was before this process came: it cannot be renewed, and runs out.
    const deadAtMs = this.#deadAtMs.get(token) ?? nowMs + this.#leaseDurationMs;
    this.#deadAtMs.set(token, deadAtMs);
    return nowMs >= deadAtMs ? 'dead' : 'alive';
  }

  /** Whether it is dead, or will be: it cannot be renewed any more. */
  isLost(token: string): boolean {
    return this.#deadAtMs.has(token);
  }

  /** The replica says so itself: it lives. Whether it has such a Lease here. */
  confirmAlive(token: string, nowMs: number): boolean {
    for (const [name, seen] of this.#replicas)
      if (seen.lease.record.token === token) {
        this.#replicas.set(name, { ...seen, seenAtMs: Math.max(nowMs, seen.seenAtMs) });
        return true;
      }
    return false;
  }

  /** This process had it, and does not use it any more. */
  ended(token: string): void {
    this.#deadAtMs.set(token, Number.NEGATIVE_INFINITY);
  }

  beginList(): void {
    this.#fresh = new Set();
  }

  page(items: readonly RawObject[]): void {
    for (const item of items) {
      this.#fresh?.add(item.metadata.name);
      this.put(item);
    }
  }

  endList(): boolean {
    this.#listedAtMs = this.#now();
    for (const name of [...this.#replicas.keys(), ...this.#pools.keys(), ...this.#reports.keys()])
      if (this.#fresh?.has(name) !== true) this.#remove(name);
    this.#fresh = undefined;
    return true;
  }

  put(item: RawObject): boolean {
    const object = item as LeaseObject & RawObject;
    const { name } = object.metadata;
    switch (leaseKind(name)) {
      case 'replica':
        this.#putReplica(name, object);
        return true;
      case 'pool': {
        const pool = object.metadata.annotations?.[POOL_ANNOTATION] ?? '';
        const lease = leaseOf(object);
        const before = this.#pools.get(name)?.lease.record.token;
        if (before !== undefined && before !== lease.record.token) this.#lost(before);
        const othersGoneAtMs = this.#othersGoneAtMs(name, lease);
        this.#absences.delete(name);
        this.#pools.set(name, { lease, pool, atMs: this.#now(), othersGoneAtMs });
        return true;
      }
      case 'report': {
        const { version, record } = leaseOf(object);
        const text = object.metadata.annotations?.[REPORT_ANNOTATION] ?? '';
        this.#reports.set(name, { token: record.token, text, version, atMs: this.#now() });
        return true;
      }
      case undefined:
        return false;
    }
  }

  delete(item: RawObject): boolean {
    return this.#remove(item.metadata.name);
  }

  clear(): boolean {
    return false;
  }

  /** See {@link PoolSeen.othersGoneAtMs}. */
  #othersGoneAtMs(name: string, { version, record: { token } }: Lease): number {
    const before = this.#pools.get(name);
    if (before === undefined) {
      const absence = this.absence(name);
      return absence.token === token ? absence.othersGoneAtMs : absence.sinceMs;
    }
    // A list does not say what came and went since the one before.
    if (this.#fresh !== undefined && before.lease.version !== version) return this.#now();
    return before.lease.record.token === token ? before.othersGoneAtMs : Number.NEGATIVE_INFINITY;
  }

  #putReplica(name: string, object: LeaseObject & RawObject): void {
    const nowMs = this.#now();
    const lease = leaseOf(object);
    const uid = object.metadata.uid ?? '';
    const before = this.#replicas.get(name);
    if (before?.lease.version === lease.version && before.uid === uid) return;
    this.#replicas.set(name, { lease, uid, seenAtMs: nowMs });
    this.#deadAtMs.delete(lease.record.token);
    if (before === undefined || before.lease.record.token === lease.record.token) return;
    // In the same object another could only write itself in after that token's time; after a deletion, time alone says so.
    this.#gone(before, uid === before.uid ? Number.NEGATIVE_INFINITY : nowMs + this.#leaseDurationMs);
  }

  #remove(name: string): boolean {
    const replica = this.#replicas.get(name);
    if (replica !== undefined) this.#gone(replica, this.#now() + this.#leaseDurationMs);
    const pool = this.#pools.get(name);
    if (pool !== undefined) {
      const { token } = pool.lease.record;
      this.#lost(token);
      this.#absences.set(name, { sinceMs: this.#now(), token, othersGoneAtMs: pool.othersGoneAtMs });
      for (const [other, { sinceMs }] of this.#absences.size > KEPT ? this.#absences : [])
        if (this.#now() > sinceMs + this.#leaseDurationMs) this.#absences.delete(other);
    }
    return this.#replicas.delete(name) || this.#pools.delete(name) || this.#reports.delete(name);
  }

  #lost(token: string): void {
    if (token === '') return;
    this.#lostAtMs.set(token, this.#now());
    for (const other of this.#lostAtMs.size > KEPT ? this.#lostAtMs.keys() : [])
      if (this.replicaOf(other) === undefined) this.#lostAtMs.delete(other);
  }

  #gone({ lease: { record } }: ReplicaSeen, deadAtMs: number): void {
    if (record.token === '') return;
    this.#deadAtMs.set(record.token, deadAtMs);
    this.#prune();
  }

  /** Of many dead tokens, those matter that a pool's Lease still names. */
  #prune(): void {
    if (this.#deadAtMs.size <= KEPT) return;
    const named = new Set([...this.#pools.values()].map(({ lease }) => lease.record.token));
    const nowMs = this.#now();
    for (const [token, deadAtMs] of this.#deadAtMs)
      if (deadAtMs < nowMs && !named.has(token)) this.#deadAtMs.delete(token);
  }

  #isSilent({ lease: { record }, seenAtMs }: ReplicaSeen, nowMs: number): boolean {
    return nowMs >= seenAtMs + Math.max(record.durationMs, this.#leaseDurationMs);
  }
}

/** Lives of replicas: a handful for each rollout. */
const KEPT = 1_000;
