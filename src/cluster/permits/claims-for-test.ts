import { leaseObject } from '../leases/index.ts';
import type { RawObject } from '../source/index.ts';
import { type Claimed, isFree, isHeld } from './claim-rules.ts';
import { LeaseView } from './lease-view.ts';
import { poolLeaseName, REPLICA_TIMES, replicaLeaseName } from './permit-names.ts';

const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = REPLICA_TIMES;
export const POOL = poolLeaseName('ns/pool');

export function lease(name: string, token: string, version: number): RawObject {
  const record = {
    holder: token,
    token,
    durationMs: leaseDurationMs,
    acquiredAt: '',
    renewedAt: '',
    transitions: 0,
  };
  return leaseObject({ namespace: 'ns', name }, record, String(version)) as RawObject;
}

/** A number of 0..1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Time, an API server and the Leases in it, with what has happened to them in order. */
class World {
  nowMs = 0;
  readonly random: () => number;
  readonly replicas: Replica[] = [];
  pool: { readonly token: string; readonly version: number } | undefined;
  #version = 0;
  #due: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  after(ms: number, run: () => void): void {
    this.#due.push({ atMs: this.nowMs + ms, run });
  }

  next(): void {
    const first = this.#due.reduce((a, b) => (b.atMs < a.atMs ? b : a));
    this.#due = this.#due.filter(each => each !== first);
    this.nowMs = first.atMs;
    first.run();
  }

  changed(name: string, token: string, how: 'put' | 'delete'): number {
    const version = ++this.#version;
    if (name === POOL) this.pool = how === 'put' ? { token, version } : undefined;
    for (const replica of this.replicas) replica.show(lease(name, token, version), how);
    return version;
  }
}

class Replica {
  readonly token: string;
  readonly view: LeaseView;
  readonly #world: World;
  /** Of its monotonic clock. */
  readonly #rate: number;
  readonly #sentAtMs = new Map<string, number>();
  #deliveredUntilMs = 0;
  #renewedUntilMs = Number.NEGATIVE_INFINITY;
  #claimed: Claimed | undefined;
  #isOut = false;
  claims = 0;

  constructor(world: World, index: number, rate: number) {
    this.#world = world;
    this.#rate = rate;
    this.token = `t${index}`;
    this.view = new LeaseView(leaseDurationMs, () => this.#now());
    this.view.beginList();
    if (world.pool !== undefined) this.view.page([lease(POOL, world.pool.token, world.pool.version)]);
    this.view.endList();
    this.#renew();
    this.#tick();
  }

  #now(): number {
    return this.#world.nowMs * this.#rate;
  }

  /** The watch: in order, a moment later, sometimes much. */
  show(object: RawObject, how: 'put' | 'delete'): void {
    const { nowMs, random } = this.#world;
    const lag = random() < 0.03 ? random() * 9_000 : random() * 100;
    this.#deliveredUntilMs = Math.max(this.#deliveredUntilMs, nowMs + lag);
    this.#world.after(this.#deliveredUntilMs - nowMs, () => this.view[how](object));
  }

  #ask(run: () => void, answered: () => void): void {
    const { random } = this.#world;
    const slow = () => (random() < 0.05 ? random() * 1_500 : random() * 50);
    this.#world.after(slow(), () => {
      run();
      // Some answers are lost.
      if (random() > 0.05) this.#world.after(slow(), answered);
    });
  }

  #renew(): void {
    const sentAtMs = this.#now();
    let version = 0;
    const name = replicaLeaseName(this.token);
    this.#ask(
      () => {
        version = this.#world.changed(name, this.token, 'put');
      },
      () => {
        this.#sentAtMs.set(String(version), sentAtMs);
        this.#renewedUntilMs = Math.max(this.#renewedUntilMs, sentAtMs + renewDeadlineMs);
      },
    );
    this.#world.after(retryPeriodMs, () => this.#renew());
  }

  get #freshAtMs(): number {
    const shown = this.view.replicas.get(replicaLeaseName(this.token))?.lease.version ?? '';
    return this.#sentAtMs.get(shown) ?? Number.NEGATIVE_INFINITY;
  }

  get #mayGrant(): boolean {
    return this.#now() < Math.min(this.#renewedUntilMs, this.#freshAtMs + renewDeadlineMs);
  }

  get holds(): boolean {
    const context = {
      token: this.token,
      freshAtMs: this.#freshAtMs,
      nowMs: this.#now(),
      leaseDurationMs,
    };
    return this.#mayGrant && isHeld(this.#claimed, this.view.pools.get(POOL), context);
  }

  #tick(): void {
    this.#world.after(20 + this.#world.random() * 100, () => this.#tick());
    if (this.#isOut || !this.#mayGrant || this.holds) return;
    const seen = this.view.pools.get(POOL);
    const isDead = (token: string) => this.view.stateOf(token) === 'dead';
    if (!isFree(seen, this.view.absence(POOL), isDead, this.token, this.#now(), leaseDurationMs)) return;
    const basis = seen?.lease.version;
    const sentAtMs = this.#now();
    let written = false;
    this.#isOut = true;
    this.#world.after(3_100, () => {
      this.#isOut = false;
    });
    this.#ask(
      () => {
        written = String(this.#world.pool?.version) === String(basis);
        if (written) this.#world.changed(POOL, this.token, 'put');
      },
      () => {
        this.#isOut = false;
        if (!written) return;
        this.claims++;
        this.#claimed = { basis, sentAtMs, answeredAtMs: this.#now() };
      },
    );
  }
}

/** @returns how often two held at once, and how many claims there were */
export function run(seed: number, forMs: number) {
  const world = new World(seed);
  const rate = () => 0.95 + world.random() * 0.1;
  for (let i = 0; i < 3; i++)
    world.after(world.random() * 5_000 * i, () => world.replicas.push(new Replica(world, i, rate())));
  const meddle = () => {
    if (world.pool !== undefined) world.changed(POOL, world.pool.token, 'delete');
    world.after(world.random() < 0.3 ? world.random() * 500 : world.random() * 12_000, meddle);
  };
  world.after(6_000, meddle);
  let twice = 0;
  let heldMs = 0;
  while (world.nowMs < forMs) {
    const before = world.nowMs;
    const holders = world.replicas.filter(({ holds }) => holds).length;
    if (holders > 1) twice++;
    world.next();
    if (holders === 1) heldMs += world.nowMs - before;
  }
  return {
    twice,
    share: heldMs / forMs,
    claims: world.replicas.reduce((sum, { claims }) => sum + claims, 0),
  };
}
