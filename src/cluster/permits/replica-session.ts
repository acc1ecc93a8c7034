import { newId } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { Elector } from '../election/index.ts';
import { REPLICA_TIMES, replicaLeaseName } from './permit-names.ts';

export interface ReplicaSessionOptions {
  readonly server: Pick<ApiServer, 'request'>;
  readonly namespace: string;
  readonly pod: string;
  readonly identity: string;
  /** Another token than before: nothing that was held with the last one is held any more. */
  readonly onEnded: (token: string) => void;
  /** The Lease was taken, or has run out: {@link ReplicaSession.renewedUntilMs} tells. */
  readonly onChange: () => void;
  readonly onProblem: (message: string) => void;
}

/** A watch that is further behind is not fresh. */
const KEPT_VERSIONS = 16;

/**
 * That this replica lives: a Lease of its own, which it renews all the time. Pools' Leases name its token, so that 200 pools
 * cost no more than one. A token is used for one unbroken time in which nobody else has written the Lease.
 */
export class ReplicaSession {
  readonly #options: ReplicaSessionOptions;
  #token = newId();
  #elector: Elector;
  #established = false;
  #stopping = false;
  /** Versions of the Lease that were written last → when that was sent. */
  readonly #sentAtMs = new Map<string, number>();

  constructor(options: ReplicaSessionOptions) {
    this.#options = options;
    this.#elector = this.#start();
  }

  get token(): string {
    return this.#token;
  }

  /** The Lease was written with this token; nobody has taken it, as far as this replica knows. */
  get established(): boolean {
    return this.#established;
  }

  /** Until then nobody can have taken the Lease, on the monotonic clock. */
  get renewedUntilMs(): number {
    return this.#elector.leadsUntilMs;
  }

  /** When the write of this version of the Lease was sent; -Infinity: long ago, or by somebody else. */
  sentAtMs(version: string | undefined): number {
    return this.#sentAtMs.get(version ?? '') ?? Number.NEGATIVE_INFINITY;
  }

  /** Lets others know that its pools are free. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#established = false;
    await this.#elector.stop();
  }

  #start(): Elector {
    const { server, namespace, pod, identity, onChange, onProblem } = this.#options;
    return new Elector({
      ...REPLICA_TIMES,
      server,
      namespace,
      name: replicaLeaseName(pod),
      identity,
      token: this.#token,
      onChange: leads => {
        this.#established ||= leads && !this.#stopping;
        onChange();
      },
      onTermEnd: () => this.#end(),
      onWritten: (version, sentAtMs) => this.#written(version, sentAtMs),
      onProblem,
    });
  }

  #written(version: string, sentAtMs: number): void {
    this.#sentAtMs.set(version, sentAtMs);
    const oldest = this.#sentAtMs.keys().next();
    if (this.#sentAtMs.size > KEPT_VERSIONS && oldest.done !== true) this.#sentAtMs.delete(oldest.value);
  }

  #end(): void {
    const token = this.#token;
    this.#established = false;
    this.#token = newId();
    if (!this.#stopping) this.#elector = this.#start();
    this.#options.onEnded(token);
  }
}
