import { monotonicMs, RepeatedTask, toldAs } from '../../kernel/index.ts';
import type { HeldPool, PoolOwners } from '../../plane/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { Reflector } from '../source/index.ts';
import { Claims } from './claims.ts';
import { Fences } from './fences.ts';
import { LeaseView } from './lease-view.ts';
import { type AskPeer, askPeer, type Peer, Peers } from './peers.ts';
import {
  addressIn,
  holderIdentity,
  poolLeaseName,
  REPLICA_TIMES,
  type ReplicaAddress,
  replicaLeaseName,
} from './permit-names.ts';
import { ReplicaQuestions } from './replica-questions.ts';
import { ReplicaSession } from './replica-session.ts';
import { Reports } from './reports.ts';

export interface PoolLeasesOptions {
  readonly server: ApiServer;
  /** Of the Leases: the controller's own. */
  readonly namespace: string;
  /** Name of this Pod. */
  readonly pod: string;
  /** Where {@link PoolLeases.answer} is served; the IP address is what Envoys are sent to. */
  readonly address: ReplicaAddress;
  readonly onProblem: (message: string) => void;
  /** Asks other replicas; by HTTP by default. */
  readonly ask?: AskPeer;
}

/** Time passes without an event: leases run out, replicas fall silent. */
const TICK_MS = 200;
/** A renewal that has not come by then is late: the others are told by this replica itself. */
const LATE_MS = REPLICA_TIMES.renewDeadlineMs - 1.5 * REPLICA_TIMES.retryPeriodMs;

/**
 * One holder of each pool's permits among the replicas: a Lease for each pool names its holder, by the token of a Lease that each
 * replica renews (see {@link ReplicaSession}). Who holds a pool grants while its own Lease cannot have been taken; the
 * Lease of a pool is taken over from a token that is dead, by a write that names the version. An API server that is away takes
 * nothing from anybody: as long as all other replicas say that they hear of it, a holder goes on.
 */
export class PoolLeases implements PoolOwners {
  readonly #options: PoolLeasesOptions;
  readonly #identity: string;
  readonly #ownName: string;
  readonly #view = new LeaseView(REPLICA_TIMES.leaseDurationMs, monotonicMs);
  readonly #session: ReplicaSession;
  readonly #peers: Peers;
  readonly #fences: Fences;
  readonly #claims: Claims;
  readonly #questions: ReplicaQuestions;
  readonly #reports: Reports;
  readonly #reportListeners = new Set<() => void>();
  #toldReports = '[]';
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  readonly #watch: Promise<void>;
  readonly #task: RepeatedTask;
  #synced = false;
  #leaseNames = new Map<string, string>();
  /** What listeners were told last. */
  #told = new Map<string, { readonly holder: string | undefined; readonly held: HeldPool | undefined }>();

  constructor(options: PoolLeasesOptions) {
    this.#options = options;
    const { server, namespace, pod, address, onProblem, ask = askPeer } = options;
    this.#identity = holderIdentity(pod, address);
    const identity = this.#identity;
    this.#ownName = replicaLeaseName(pod);
    this.#peers = new Peers(ask);
    this.#session = new ReplicaSession({
      server,
      namespace,
      pod,
      identity,
      onEnded: token => {
        this.#view.ended(token);
        this.#claims.clear();
        this.#update();
      },
      onChange: () => this.#update(),
      onProblem,
    });
    this.#fences = new Fences({
      server,
      namespace,
      identity,
      token: () => this.#session.token,
      ask,
      onAlive: token => this.#view.confirmAlive(token, monotonicMs()),
      onProblem,
    });
    this.#questions = new ReplicaQuestions({
      session: this.#session,
      view: this.#view,
      peers: this.#peers,
      fences: this.#fences,
    });
    this.#claims = new Claims({
      server,
      namespace,
      identity,
      token: () => this.#session.token,
      freshAtMs: () => this.#freshAtMs(),
      view: this.#view,
      onProblem,
      onChange: () => this.#update(),
    });
    this.#reports = new Reports({
      server,
      namespace,
      pod,
      identity,
      token: () => (this.#session.established ? this.#session.token : undefined),
      view: this.#view,
      onProblem,
    });
    const lease = { id: 'Lease', group: 'coordination.k8s.io', versions: ['v1'], kind: 'Lease' } as const;
    this.#watch = new Reflector(
      server,
      { ...lease, plural: 'leases', namespaced: true },
      namespace,
      this.#view,
      {
        changed: () => this.#update(),
        settled: () => {
          this.#synced = true;
          this.#update();
        },
      },
    ).run(this.#abort.signal);
    this.#task = new RepeatedTask(
      {
        task: 'keeping the Leases of pools',
        everyMs: TICK_MS,
        maxBackoffMs: 1000,
        onFault: toldAs(onProblem),
      },
      () => this.#update(),
    ).start(TICK_MS);
  }

  /** The pools that there are: `NAMESPACE/NAME`. Until it is called none is taken. */
  want(pools: readonly string[]): void {
    this.#leaseNames = new Map(pools.map(pool => [pool, this.#leaseNames.get(pool) ?? poolLeaseName(pool)]));
    this.#claims.want(this.#leaseNames);
    this.#update();
  }

  ownerOf(pool: string): string | undefined {
    const name = this.#leaseNames.get(pool);
    if (name === undefined) return undefined;
    if (this.#claims.heldOf(name) !== undefined) return this.#options.address.ip;
    const record = this.#view.pools.get(name)?.lease.record;
    if (record === undefined || this.#view.stateOf(record.token) === 'dead') return undefined;
    return addressIn(record.holder)?.ip;
  }

  held(pool: string): HeldPool | undefined {
    const name = this.#leaseNames.get(pool);
    return name !== undefined && this.#mayGrant() ? this.#claims.heldOf(name) : undefined;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the other replicas are to know from now on; they are told in a moment. */
  publish(text: string): void {
    this.#reports.publish(text);
  }

  /** What the others that live say. */
  reports(): string[] {
    return this.#reports.ofOthers();
  }

  /** Called when {@link reports} has changed. Returns what ends the subscription. */
  onReports(listener: () => void): () => void {
    this.#reportListeners.add(listener);
    return () => this.#reportListeners.delete(listener);
  }

  /** What other replicas ask: paths under `/permits/`. The HTTP status to answer with. */
  answer(url: string): number {
    return this.#questions.answer(url, monotonicMs());
  }

  /** Holds nothing from now on, and lets others know. */
  async stop(): Promise<void> {
    this.#task.stop();
    this.#claims.stop();
    this.#abort.abort();
    await Promise.all([this.#session.stop(), this.#fences.stop(), this.#reports.stop(), this.#watch]);
    this.#tell();
  }

  /** The view shows all that was written before this: it shows a renewal that was sent then. */
  #freshAtMs(): number {
    return this.#session.sentAtMs(this.#view.replicas.get(this.#ownName)?.lease.version);
  }

  /** Until then nobody can have taken this replica's Lease, nor one of its pools' that was deleted. */
  #grantsUntilMs(): number {
    const { renewedUntilMs } = this.#session;
    return Math.min(renewedUntilMs, this.#freshAtMs() + REPLICA_TIMES.renewDeadlineMs);
  }

  /** Nobody can have taken this replica's Lease. */
  #mayGrant(): boolean {
    if (!this.#session.established) return false;
    const nowMs = monotonicMs();
    return nowMs < this.#grantsUntilMs() || (this.#synced && this.#peers.allInformed(this.#known(), nowMs));
  }

  #update(): void {
    if (this.#abort.signal.aborted) return;
    const nowMs = monotonicMs();
    this.#tellPeers(nowMs);
    if (this.#synced) {
      this.#fenceSilent();
      if (this.#mayGrant()) this.#claims.claim(this.#identity, this.#living(), nowMs);
      this.#reports.write(nowMs);
    }
    this.#tell();
    this.#tellReports();
  }

  #tellPeers(nowMs: number): void {
    const { established, token } = this.#session;
    if (!established) return;
    if (this.#grantsUntilMs() - nowMs > LATE_MS) this.#peers.renewed();
    else {
      const query = new URLSearchParams({ token, age: String(Math.ceil(nowMs - this.#freshAtMs())) });
      void this.#peers.tell(this.#known(), `/permits/heard?${query}`);
    }
  }

  #fenceSilent(): void {
    this.#fences.keep(this.#view.replicas);
    for (const [name, seen] of this.#view.replicas) {
      const { token } = seen.lease.record;
      if (token === '' || token === this.#session.token) continue;
      if (this.#view.stateOf(token) === 'silent') this.#fences.take(name, seen);
    }
  }

  /** All replicas that could take this one's Lease. */
  #known(): Peer[] {
    return [...this.#view.replicas.values()]
      .map(({ lease: { record } }) => ({ token: record.token, identity: record.holder }))
      .filter(({ token }) => token !== '' && token !== this.#session.token);
  }

  #living(): string[] {
    const others = this.#known().filter(({ token }) => this.#view.stateOf(token) === 'alive');
    return [this.#identity, ...others.map(({ identity }) => identity)];
  }

  #tellReports(): void {
    const reports = JSON.stringify(this.reports());
    if (reports === this.#toldReports) return;
    this.#toldReports = reports;
    for (const listener of this.#reportListeners) listener();
  }

  #tell(): void {
    const now = new Map(
      [...this.#leaseNames.keys()].map(pool => [pool, { holder: this.ownerOf(pool), held: this.held(pool) }]),
    );
    const before = this.#told;
    this.#told = now;
    const same =
      before.size === now.size &&
      [...now].every(([pool, { holder, held }]) => {
        const was = before.get(pool);
        return was !== undefined && was.holder === holder && was.held === held;
      });
    if (!same) for (const listener of this.#listeners) listener();
  }
}
