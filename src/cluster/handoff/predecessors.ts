import type { InUse } from '../../plane/index.ts';
import type { LeaseObject } from '../leases/index.ts';
import { IN_USE_ANNOTATION, isLeaving, LEAVING_TIMES } from './handoff-names.ts';
import { readReport, sumOf } from './in-use-text.ts';

interface Seen {
  readonly lease: LeaseObject;
  readonly inUse: InUse;
  readonly firstAtMs: number;
  /** When it was first seen just so, or could not be asked for since. */
  readonly seenAtMs: number;
}

/**
 * What those have in use that were before, by their Leases. One counts until its Lease is gone, or was seen unchanged for as long as
 * it lasts, in a time when it could be read; and never longer than its requests can take.
 */
export class Predecessors {
  #seen = new Map<string, Seen>();

  /** These Leases there are. */
  read(leases: readonly LeaseObject[], nowMs: number): void {
    const before = this.#seen;
    this.#seen = new Map(
      leases.filter(isLeaving).map(lease => {
        const { name, resourceVersion, annotations } = lease.metadata;
        const known = before.get(name);
        if (known !== undefined && known.lease.metadata.resourceVersion === resourceVersion)
          return [name, known];
        const inUse = readReport(annotations?.[IN_USE_ANNOTATION] ?? '');
        return [name, { lease, inUse, firstAtMs: known?.firstAtMs ?? nowMs, seenAtMs: nowMs }];
      }),
    );
  }

  /** Leases cannot be read, and so perhaps not written either. */
  failed(nowMs: number): void {
    for (const [name, seen] of this.#seen)
      if (this.#counts(seen, nowMs)) this.#seen.set(name, { ...seen, seenAtMs: nowMs });
  }

  /** Of all that count. */
  inUse(nowMs: number): InUse {
    return sumOf([...this.#seen.values()].filter(seen => this.#counts(seen, nowMs)).map(seen => seen.inUse));
  }

  /** Whether there is one that counts. */
  some(nowMs: number): boolean {
    return [...this.#seen.values()].some(seen => this.#counts(seen, nowMs));
  }

  /** Leases of those that are gone. */
  gone(nowMs: number): LeaseObject[] {
    return [...this.#seen.values()].filter(seen => !this.#counts(seen, nowMs)).map(({ lease }) => lease);
  }

  #counts({ firstAtMs, seenAtMs }: Seen, nowMs: number): boolean {
    return nowMs < seenAtMs + LEAVING_TIMES.leaseDurationMs && nowMs < firstAtMs + LEAVING_TIMES.longestMs;
  }
}
