import type { Pod, ResourceSet } from '../api/index.ts';
import { guarded, toldAs } from '../kernel/index.ts';
import { shellWords } from '../simulator/index.ts';
import { deploymentStatus, type WorkloadStatus } from './deployment-status.ts';
import {
  type DesiredWorkload,
  desiredWorkloads,
  type Replica,
  type SimulateMode,
  type WorkloadRef,
} from './desired.ts';
import { podObject, type RunningReplica } from './pod-object.ts';
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
  /** Another thread than `thread.ts`, for a test that ends it. */
  readonly threadUrl?: URL;
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

/** A workload with the replicas that should run for it: those of before when its new form cannot start. */
interface Applied {
  readonly workload: DesiredWorkload;
  readonly replicas: readonly Replica[];
}

/** Runs the workloads of manifests on this machine: a model server's Deployment becomes simulators on loopback addresses. */
export class LocalWorkloads {
  readonly #options: LocalWorkloadsOptions;
  readonly #extraWords: readonly string[];
  readonly #replicas: ReplicaSet;
  readonly #listeners = new Set<() => void>();
  #applied: readonly Applied[] = [];
  #applying: Promise<void> = Promise.resolve();
  #closed = false;

  static async start(options: LocalWorkloadsOptions): Promise<LocalWorkloads> {
    return new LocalWorkloads(options);
  }

  private constructor(options: LocalWorkloadsOptions) {
    this.#options = options;
    this.#extraWords = options.simulatorFlags ?? shellWords(process.env['BREAKWATER_SIMULATOR_FLAGS'] ?? '');
    const lost = (reason: string) => {
      if (this.#closed) return;
      options.onEvent?.(`the simulated model servers have died (${reason}); they are started again`);
      this.#changed();
    };
    // What throws is tried again with the next replica that is lost or due.
    const retry = guarded(
      'starting model servers anew',
      toldAs(message => options.onEvent?.(message)),
      () => this.#reconcile(() => this.#applied).then(() => this.#changed()),
    );
    this.#replicas = new ReplicaSet({ lost, retry }, options.threadUrl);
    if (options.simulate !== 'never') this.#replicas.prepare();
  }

  /** Makes what runs equal to the manifests. What has not changed goes on undisturbed; what is removed drains in the background. */
  apply(set: ResourceSet): Promise<void> {
    const workloads = desiredWorkloads(set, this.#options.simulate, this.#extraWords);
    return this.#reconcile(() =>
      workloads.map(workload => ({
        workload,
        replicas: workload.what === 'simulated' ? workload.replicas : this.#lastGood(workload),
      })),
    );
  }

  /** Pods of this machine that answer, in the manifests' order. Those with an address of their own stay the manifests'. */
  pods(): Pod[] {
    return this.#applied.flatMap(applied => this.#running(applied).map(podObject));
  }

  deploymentStatuses(): WorkloadStatus[] {
    return this.#applied
      .filter(({ workload }) => workload.ref.kind === 'Deployment')
      .map(applied => {
        const problem = this.#problem(applied);
        const message = problem === '' ? '' : `Not run on this machine: ${problem}.`;
        return deploymentStatus(applied.workload, this.#running(applied), message);
      });
  }

  notes(): WorkloadNote[] {
    return this.#applied.map(applied => {
      const { workload } = applied;
      const { ref } = workload;
      if (workload.what === 'external')
        return { ...ref, what: 'external', addresses: workload.addresses, reason: '', unknownFlags: [] };
      const addresses = this.#running(applied).map(
        ({ address, replica }) => `${address}:${replica.server.port}`,
      );
      return {
        ...ref,
        what: addresses.length === 0 ? 'not-run' : 'simulated',
        addresses,
        reason: this.#problem(applied),
        unknownFlags: workload.what === 'simulated' ? workload.unknownFlags : [],
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

  #reconcile(next: () => readonly Applied[]): Promise<void> {
    const run = async () => {
      if (this.#closed) return;
      const applied = next();
      await this.#replicas.reconcile(applied.flatMap(({ replicas }) => replicas));
      this.#applied = applied;
    };
    const done = this.#applying.then(run);
    this.#applying = done.catch(() => {});
    return done;
  }

  /** As a rolling update does: Pods whose successors cannot start go on. */
  #lastGood({ what, ref }: DesiredWorkload): readonly Replica[] {
    if (what !== 'broken') return [];
    return this.#applied.find(({ workload }) => isSame(workload.ref, ref))?.replicas ?? [];
  }

  #running({ replicas }: Applied): RunningReplica[] {
    return replicas.flatMap(({ key }) => this.#replicas.get(key) ?? []);
  }

  /** Why not all that is wanted runs; '' when it does. */
  #problem({ workload, replicas }: Applied): string {
    if (workload.what === 'not-run' || workload.what === 'broken') return workload.reason;
    const missing = replicas.filter(({ key }) => this.#replicas.get(key) === undefined);
    const failure = replicas
      .map(({ key }) => this.#replicas.failure(key))
      .find(reason => reason !== undefined);
    return failure ?? (missing.length > 0 ? 'it is being started' : '');
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isSame(a: WorkloadRef, b: WorkloadRef): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}
