import { setTimeout as delay } from 'node:timers/promises';
import { KubeConfig, Watch } from '@kubernetes/client-node';
import type { Objects } from '../objects.ts';
import { type Images, type LabPod, NODE } from './pod.ts';
import { PodNetwork } from './pod-network.ts';
import { PodProcesses } from './pod-processes.ts';

/** Scheduler and kubelet of one Node: binds Pods to it, runs their containers as processes, and reports their status. */
export class PodRunner {
  readonly #objects: Objects;
  readonly #config = new KubeConfig();
  readonly #folder: string;
  readonly #images: Images;
  readonly #network: PodNetwork;
  /** By uid. */
  readonly #pods = new Map<string, PodProcesses>();
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  private constructor(
    objects: Objects,
    kubeconfig: string,
    folder: string,
    images: Images,
    network: PodNetwork,
  ) {
    this.#objects = objects;
    this.#config.loadFromFile(kubeconfig);
    this.#folder = folder;
    this.#images = images;
    this.#network = network;
  }

  static async start(
    objects: Objects,
    kubeconfig: string,
    folder: string,
    images: Images,
  ): Promise<PodRunner> {
    const network = await PodNetwork.create();
    const runner = new PodRunner(objects, kubeconfig, folder, images, network);
    try {
      await objects.apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } }]);
      const status = { conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }] };
      await objects.ask('PATCH', `/api/v1/nodes/${NODE}/status`, { status }, 'application/merge-patch+json');
    } catch (error) {
      await network.close();
      throw error;
    }
    runner.#running = runner.#follow();
    return runner;
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await Promise.all([...this.#pods.values()].map(pod => pod.stop(0)));
    await this.#network.close();
  }

  /** Lists and watches until it is stopped; an API server that is away is asked again. */
  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const { items, metadata } = (await this.#objects.ask('GET', '/api/v1/pods')) as PodList;
        for (const pod of items) this.#see(pod);
        const uids = new Set(items.map(pod => pod.metadata.uid));
        for (const uid of this.#pods.keys()) if (!uids.has(uid)) this.#gone(uid);
        await this.#watch(metadata.resourceVersion, signal);
      } catch {
        // The API server was stopped by a test, or the watch was too old.
      }
      await delay(200, undefined, { signal }).catch(() => undefined);
    }
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const query = { resourceVersion, allowWatchBookmarks: false };
    const each = (type: string, pod: LabPod) => {
      if (type === 'ADDED' || type === 'MODIFIED') this.#see(pod);
      else if (type === 'DELETED') this.#gone(pod.metadata.uid);
    };
    const controller = await new Watch(this.#config).watch('/api/v1/pods', query, each, () => resolve());
    const stop = () => {
      controller.abort();
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await promise;
    signal.removeEventListener('abort', stop);
  }

  #see(pod: LabPod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    const known = this.#pods.get(uid);
    if (known !== undefined) {
      if (deletionTimestamp !== undefined) void known.terminate().catch(() => undefined);
    } else if (deletionTimestamp === undefined) {
      this.#pods.set(
        uid,
        new PodProcesses(pod, {
          objects: this.#objects,
          network: this.#network,
          images: this.#images,
          folder: this.#folder,
        }),
      );
    }
  }

  #gone(uid: string): void {
    const pod = this.#pods.get(uid);
    this.#pods.delete(uid);
    void pod?.stop(0);
  }
}

interface PodList {
  readonly items: readonly LabPod[];
  readonly metadata: { readonly resourceVersion: string };
}
