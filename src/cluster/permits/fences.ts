import { startTimer, stopTimer } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { Elector } from '../election/index.ts';
import type { ReplicaSeen } from './lease-view.ts';
import type { AskPeer } from './peers.ts';
import { REPLICA_TIMES } from './permit-names.ts';

export interface FencesOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly namespace: string;
  readonly identity: string;
  /** Of this life of this replica. */
  readonly token: () => string;
  readonly ask: AskPeer;
  /** A replica that was silent says that it lives. */
  readonly onAlive: (token: string) => void;
  readonly onProblem: (message: string) => void;
}

interface Fence {
  readonly token: string;
  /** Of the Lease that is taken. */
  readonly version: string;
  elector: Elector | undefined;
  over: boolean;
}

/** A fence that cannot be written is begun anew after so long. */
const GIVE_UP_MS = 5_000;

/**
 * Takes the Lease of a replica that is silent from it, so that its token is dead for good and its pools are free. Asks it
 * first, where it said it can be asked: one that only cannot reach the API server serves on.
 */
export class Fences {
  readonly #options: FencesOptions;
  /** By names of Leases; those that are over as well, until the Lease is another. */
  readonly #fences = new Map<string, Fence>();

  constructor(options: FencesOptions) {
    this.#options = options;
  }

  /** Whether a write that takes the Lease from this token is on its way, or may be: this replica cannot promise to wait. */
  mayTake(token: string, version: string | undefined): boolean {
    for (const fence of this.#fences.values())
      if (fence.token === token && fence.elector !== undefined && fence.version === version) return true;
    return false;
  }

  /** To be called again and again while it is silent. */
  take(name: string, seen: ReplicaSeen): void {
    const running = this.#fences.get(name);
    if (running !== undefined && !running.over) return;
    const fence: Fence = {
      token: seen.lease.record.token,
      version: seen.lease.version,
      elector: running?.version === seen.lease.version ? running.elector : undefined,
      over: false,
    };
    this.#fences.set(name, fence);
    void this.#run(name, seen, fence);
  }

  /** Forgets fences of Leases that have changed. */
  keep(replicas: ReadonlyMap<string, ReplicaSeen>): void {
    for (const [name, fence] of this.#fences)
      if (replicas.get(name)?.lease.version !== fence.version) {
        if (!fence.over) void fence.elector?.stop();
        this.#fences.delete(name);
      }
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#fences.values()].map(fence => (fence.over ? undefined : fence.elector?.stop())),
    );
  }

  async #run(name: string, { lease, seenAtMs }: ReplicaSeen, fence: Fence): Promise<void> {
    const { server, namespace, identity, token, ask, onAlive, onProblem } = this.#options;
    const query = new URLSearchParams({ token: fence.token, from: identity, as: token() });
    const lives = await ask(lease.record.holder, `/permits/lives?${query}`);
    if (this.#fences.get(name) !== fence) return;
    if (lives) {
      this.#fences.delete(name);
      onAlive(fence.token);
      return;
    }
    const done = Promise.withResolvers<void>();
    const timer = startTimer(GIVE_UP_MS, done.resolve);
    fence.elector = new Elector({
      ...REPLICA_TIMES,
      server,
      namespace,
      name,
      identity,
      // One who takes it makes nothing of it: it is free for the replica that has this name.
      token: `fence ${token()}`,
      seen: { lease, atMs: seenAtMs },
      onChange: leads => leads && done.resolve(),
      onProblem,
    });
    await done.promise;
    stopTimer(timer);
    await fence.elector.stop();
    fence.over = true;
  }
}
