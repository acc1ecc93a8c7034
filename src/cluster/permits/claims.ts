import { monotonicMs, wallMs } from '../../kernel/index.ts';
import type { HeldPool } from '../../plane/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { LeaseClient, microTime } from '../leases/index.ts';
import { type Claimed, isFree, isHeld } from './claim-rules.ts';
import type { LeaseView, PoolSeen } from './lease-view.ts';
import {
  FORGOTTEN_MS,
  POOL_ANNOTATION,
  preferred,
  REPLICA_TIMES,
  RETRY_MS,
  WRITE_TIMEOUT_MS,
} from './permit-names.ts';

export interface ClaimsOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly namespace: string;
  readonly identity: string;
  /** Of this life of this replica. */
  readonly token: () => string;
  /** The view shows all that was written before then, on the monotonic clock. */
  readonly freshAtMs: () => number;
  readonly view: LeaseView;
  readonly onChange: () => void;
  readonly onProblem: (message: string) => void;
}

interface Mine {
  readonly held: HeldPool;
  readonly version: string;
  /** Undefined where only the view has told of it. */
  readonly claimed: Claimed | undefined;
}

/** Writes that are out at once: 200 pools are taken over in a second or two. */
const CONCURRENCY = 16;
/** Who does not come first in a pool's order leaves it so long to who does. */
const OTHERS_WAIT_MS = 1_000;

/** Which pools this replica holds, by their Leases; takes those that nobody holds. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #writes: LeaseClient;
  readonly #mine = new Map<string, Mine>();
  readonly #freeSinceMs = new Map<string, number>();
  readonly #out = new Set<string>();
  readonly #notBeforeMs = new Map<string, number>();
  readonly #problems = new Set<string>();
  /** Names of Leases → pools; undefined: not known yet. */
  #wanted: ReadonlyMap<string, string> | undefined;
  #stopped = false;

  constructor(options: ClaimsOptions) {
    this.#options = options;
    this.#writes = new LeaseClient(options.server, options.namespace, WRITE_TIMEOUT_MS);
  }

  /** @param leaseNames of pools */
  want(leaseNames: ReadonlyMap<string, string>): void {
    this.#wanted = new Map([...leaseNames].map(([pool, name]) => [name, pool]));
  }

  /** @param name of the Lease */
  heldOf(name: string): HeldPool | undefined {
    const mine = this.#mine.get(name);
    if (mine === undefined) return undefined;
    const { view, token, freshAtMs } = this.#options;
    const seen = view.pools.get(name);
    const { leaseDurationMs } = REPLICA_TIMES;
    const context = { token: token(), freshAtMs: freshAtMs(), nowMs: monotonicMs(), leaseDurationMs };
    return isHeld(mine.claimed, seen, context) ? mine.held : undefined;
  }

  /** The token is another: nothing is held any more. */
  clear(): void {
    this.#mine.clear();
  }

  stop(): void {
    this.#stopped = true;
    this.clear();
  }

  /**
   * Takes what is free, and leaves what is not wanted. To be called while this replica may grant.
   * @param replicas that live, this one among them, by identity
   */
  claim(identity: string, replicas: readonly string[], nowMs: number): void {
    if (this.#wanted === undefined || this.#stopped) return;
    this.#settle(nowMs);
    for (const [name, pool] of this.#wanted) {
      const seen = this.#options.view.pools.get(name);
      if (this.heldOf(name) !== undefined || !this.#isFree(name, seen, nowMs)) {
        this.#freeSinceMs.delete(name);
        continue;
      }
      const since = this.#freeSinceMs.get(name) ?? nowMs;
      this.#freeSinceMs.set(name, since);
      const wait = preferred(pool, replicas) === identity ? 0 : OTHERS_WAIT_MS;
      if (nowMs >= since + wait) this.#write(name, nowMs, () => this.#take(name, pool, seen));
    }
    this.#leaveUnwanted(this.#wanted, nowMs);
  }

  /** What this replica has written, of which it only learns by the view; and what it has lost. */
  #settle(nowMs: number): void {
    const token = this.#options.token();
    for (const [name, seen] of this.#options.view.pools)
      if (seen.lease.record.token === token && !this.#mine.has(name))
        this.#mine.set(name, { held: { sinceMs: nowMs }, version: seen.lease.version, claimed: undefined });
    for (const name of this.#mine.keys()) if (this.heldOf(name) === undefined) this.#mine.delete(name);
  }

  #isFree(name: string, seen: PoolSeen | undefined, nowMs: number): boolean {
    const { view, token } = this.#options;
    const isDead = (other: string) => view.stateOf(other) === 'dead';
    const absence = seen === undefined ? view.absence(name) : undefined;
    return isFree(seen, absence, isDead, token(), nowMs, REPLICA_TIMES.leaseDurationMs);
  }

  async #take(name: string, pool: string, seen: PoolSeen | undefined): Promise<void> {
    const { identity, token: ownToken } = this.#options;
    const token = ownToken();
    const at = microTime(wallMs());
    const record = {
      holder: identity,
      token,
      durationMs: REPLICA_TIMES.leaseDurationMs,
      acquiredAt: at,
      renewedAt: at,
      transitions: seen === undefined ? 0 : seen.lease.record.transitions + 1,
    };
    const basis = seen?.lease.version;
    const sentAtMs = monotonicMs();
    const outcome = await this.#writes.put(name, record, basis, { [POOL_ANNOTATION]: pool });
    if (outcome.type === 'failed')
      this.#failed(`the Lease of pool ${pool} cannot be written: ${outcome.message}`);
    else this.#problems.clear();
    if (outcome.type === 'failed') this.#notBeforeMs.set(name, monotonicMs() + RETRY_MS);
    if (outcome.type !== 'written' || token !== ownToken() || this.#stopped) return;
    const { version } = outcome.lease;
    const answeredAtMs = monotonicMs();
    const claimed = { basis, sentAtMs, answeredAtMs };
    if (!this.#mine.has(name)) this.#mine.set(name, { held: { sinceMs: answeredAtMs }, version, claimed });
  }

  #leaveUnwanted(wanted: ReadonlyMap<string, string>, nowMs: number): void {
    for (const [name, { version }] of this.#mine) {
      if (wanted.has(name)) continue;
      this.#mine.delete(name);
      this.#write(name, nowMs, () => this.#delete(name, version));
    }
    const { view } = this.#options;
    for (const [name, { lease, atMs }] of view.pools)
      if (!wanted.has(name) && nowMs > atMs + FORGOTTEN_MS && view.stateOf(lease.record.token) === 'dead')
        this.#write(name, nowMs, () => this.#delete(name, lease.version));
    for (const [name, { lease, seenAtMs }] of view.replicas)
      if (lease.record.token === '' && nowMs > seenAtMs + FORGOTTEN_MS)
        this.#write(name, nowMs, () => this.#delete(name, lease.version));
  }

  async #delete(name: string, version: string): Promise<void> {
    await this.#writes.delete(name, version);
    this.#notBeforeMs.set(name, monotonicMs() + RETRY_MS);
  }

  #write(name: string, nowMs: number, write: () => Promise<void>): void {
    if (this.#out.has(name) || this.#out.size >= CONCURRENCY) return;
    if (nowMs < (this.#notBeforeMs.get(name) ?? Number.NEGATIVE_INFINITY)) return;
    this.#notBeforeMs.delete(name);
    this.#out.add(name);
    void write().finally(() => {
      this.#out.delete(name);
      this.#options.onChange();
    });
  }

  #failed(message: string): void {
    if (this.#problems.has(message)) return;
    this.#problems.clear();
    this.#problems.add(message);
    this.#options.onProblem(message);
  }
}
