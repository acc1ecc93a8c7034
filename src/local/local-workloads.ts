import type { Pod, ResourceSet } from '../api/index.ts';
import { shellWords } from '../simulator/index.ts';
import { deploymentStatus, type WorkloadStatus } from './deployment-status.ts';
import { type DesiredWorkload, desiredWorkloads, type SimulateMode } from './desired.ts';
import { podObject } from './pod-object.ts';
import { ReplicaSet } from './replica-set.ts';

export interface LocalWorkloadsOptions {
  /**
   * `auto`: Deployments, and Pods without an address, whose command is a known model server. `never`: none. `always`: also Pods
   * that have an address, and whatever an InferencePool selects.
   */
  readonly simulate: SimulateMode;
  /** Hears of what happens, in a sentence. */
  readonly onEvent?: (message: string) => void;
  /** Flags that every simulated server gets, e.g. `--sim-speed=10`; default: the words of BREAKWATER_SIMULATOR_FLAGS. */
  readonly simulatorFlags?: readonly string[];
}

/** What is done with a workload of the manifests, for people. */
export interface WorkloadNote {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly what: 'simulated' | 'not-run' | 'external';
  /** `IP:PORT` of each replica. */
  readonly addresses: readonly string[];
  /** '' when there is nothing to say. */
  readonly reason: string;
  readonly unknownFlags: readonly string[];
}

/** Runs the workloads of manifests on this machine: a model server's Deployment becomes simulators on loopback addresses. */
export class LocalWorkloads {
  readonly #options: LocalWorkloadsOptions;
  readonly #extraWords: readonly string[];
  readonly #replicas: ReplicaSet;
  readonly #listeners = new Set<() => void>();
  #workloads: readonly DesiredWorkload[] = [];
  #applying: Promise<void> = Promise.resolve();
  #closed = false;

  static async start(options: LocalWorkloadsOptions): Promise<LocalWorkloads> {
    return new LocalWorkloads(options);
  }

  private constructor(options: LocalWorkloadsOptions) {
    this.#options = options;
    this.#extraWords = options.simulatorFlags ?? shellWords(process.env['BREAKWATER_SIMULATOR_FLAGS'] ?? '');
    this.#replicas = new ReplicaSet(reason => this.#onLoss(reason));
  }

  /** Makes what runs equal to the manifests. What has not changed goes on undisturbed; what is removed drains in the background. */
  apply(set: ResourceSet): Promise<void> {
    const workloads = desiredWorkloads(set, this.#options.simulate, this.#extraWords);
    return this.#reconcile(workloads);
  }

  /** Pods of this machine that answer, in the manifests' order. Those with an address of their own stay the manifests'. */
  pods(): Pod[] {
    return this.#workloads.flatMap(workload =>
      workload.what === 'simulated'
        ? workload.replicas.flatMap(({ key }) => {
            const running = this.#replicas.get(key);
            return running === undefined ? [] : [podObject(workload, running)];
          })
        : [],
    );
  }

  deploymentStatuses(): WorkloadStatus[] {
    return this.#workloads
      .filter(workload => workload.ref.kind === 'Deployment')
      .map(workload => deploymentStatus(workload, this.#running(workload).length));
  }

  notes(): WorkloadNote[] {
    return this.#workloads.map(workload => {
      const { ref, what } = workload;
      if (what === 'not-run')
        return { ...ref, what, addresses: [], reason: workload.reason, unknownFlags: [] };
      if (what === 'external')
        return { ...ref, what, addresses: workload.addresses, reason: '', unknownFlags: [] };
      const addresses = this.#running(workload).map(
        ({ address, replica }) => `${address}:${replica.server.port}`,
      );
      const failures = workload.replicas.flatMap(({ key }) => this.#replicas.failure(key) ?? []);
      return {
        ...ref,
        what: addresses.length === 0 ? ('not-run' as const) : what,
        addresses,
        reason: failures[0] ?? '',
        unknownFlags: workload.unknownFlags,
      };
    });
  }

  /** Hears when Pods have changed without an `apply`. @returns a function that ends it */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends all simulators at once; requests that they are answering are cut off. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#applying;
    await this.#replicas.close();
  }

  #reconcile(workloads: readonly DesiredWorkload[]): Promise<void> {
    const run = async () => {
      if (this.#closed) return;
      await this.#replicas.reconcile(
        workloads.flatMap(workload => (workload.what === 'simulated' ? workload.replicas : [])),
      );
      this.#workloads = workloads;
    };
    const applied = this.#applying.then(run);
    this.#applying = applied.catch(() => {});
    return applied;
  }

  #running(workload: DesiredWorkload) {
    if (workload.what !== 'simulated') return [];
    return workload.replicas.flatMap(({ key }) => this.#replicas.get(key) ?? []);
  }

  #onLoss(reason: string): void {
    this.#options.onEvent?.(`the simulators have died (${reason}) and are started again`);
    void this.#reconcile(this.#workloads).then(() => {
      for (const listener of this.#listeners) listener();
    });
  }
}
