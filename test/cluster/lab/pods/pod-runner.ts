import { readFile } from 'node:fs/promises';
import type { Objects } from '../objects.ts';
import { Store } from '../store.ts';
import type { ContainerProcess, Executed } from './container-process.ts';
import { KubeletServer } from './kubelet-server.ts';
import { type Images, type LabPod, NODE } from './pod.ts';
import type { PodNetwork } from './pod-network.ts';
import { type DataObject, PodProcesses, type PodSurroundings } from './pod-processes.ts';

export interface PodRunnerOptions {
  readonly objects: Objects;
  readonly kubeconfig: string;
  readonly folder: string;
  readonly images: Images;
  readonly network: PodNetwork;
  /** Paths of PEM files: what the kubelet shows to the API server. */
  readonly certificate: { readonly certificate: string; readonly key: string };
}

/** Scheduler and kubelet of one Node: binds Pods to it, runs their containers as processes, and reports their status. */
export class PodRunner {
  readonly #server: KubeletServer;
  readonly #surroundings: PodSurroundings;
  readonly #store: Store<LabPod>;
  readonly #configMaps: Store<DataObject>;
  readonly #secrets: Store<DataObject>;
  /** By uid. */
  readonly #pods = new Map<string, PodProcesses>();

  private constructor(
    { kubeconfig, objects, folder, images, network }: PodRunnerOptions,
    server: KubeletServer,
  ) {
    this.#server = server;
    const configMaps = new Store<DataObject>(objects, kubeconfig, '/api/v1/configmaps');
    const secrets = new Store<DataObject>(objects, kubeconfig, '/api/v1/secrets');
    this.#configMaps = configMaps;
    this.#secrets = secrets;
    this.#surroundings = { objects, folder, images, network, configMaps, secrets };
    this.#store = new Store<LabPod>(objects, kubeconfig, '/api/v1/pods', {
      see: pod => this.#see(pod),
      gone: pod => this.#gone(pod.metadata.uid),
    });
  }

  static async start(options: PodRunnerOptions): Promise<PodRunner> {
    const { objects, network, certificate } = options;
    let runner: PodRunner | undefined;
    const server = await KubeletServer.start({
      ...certificate,
      address: network.hostAddress,
      logs: async (...container) => (await runner?.logs(...container)) ?? '',
    });
    try {
      await addNode(objects, network.hostAddress, server.port);
      runner = new PodRunner(options, server);
      return runner;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#store.stop(), this.#configMaps.stop(), this.#secrets.stop()]);
    await Promise.all([this.#server.close(), ...[...this.#pods.values()].map(pod => pod.stop(0))]);
  }

  /** Pods that run. @param name of a Pod, or `deployment/NAME`: all of its Pods */
  find(namespace: string, name: string): readonly PodProcesses[] {
    const deployment = /^deploy(?:ment)?\/(.*)$/.exec(name)?.[1];
    return [...this.#pods.values()].filter(({ pod }) => {
      if (pod.metadata.namespace !== namespace) return false;
      if (deployment === undefined) return pod.metadata.name === name;
      const owners = pod.metadata.ownerReferences ?? [];
      return owners.some(
        owner => owner.kind === 'ReplicaSet' && /^(.*)-/.exec(owner.name)?.[1] === deployment,
      );
    });
  }

  /** `kubectl exec`. Fails when the container does not run. */
  async exec(
    namespace: string,
    name: string,
    command: readonly string[],
    container?: string,
  ): Promise<Executed> {
    return await this.#running(namespace, name, container).exec(command);
  }

  /** A signal to a container's process: `kill -9`, as the kernel does when memory is short. It is started again as its Pod says. */
  kill(namespace: string, name: string, container?: string, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#running(namespace, name, container).kill(signal);
  }

  #running(namespace: string, name: string, container: string | undefined): ContainerProcess {
    const running = this.find(namespace, name).map(pod => pod.process(container));
    const process = running.find(each => each !== undefined);
    if (process === undefined) throw new Error(`${namespace}/${name} ${container ?? ''} does not run`);
    return process;
  }

  /** `kubectl logs`, of all its runs. */
  async logs(namespace: string, name: string, container?: string): Promise<string> {
    const pods = this.find(namespace, name);
    if (pods.length === 0) throw new Error(`${namespace}/${name} does not run`);
    return (await Promise.all(pods.map(pod => readFile(pod.logOf(container), 'utf8')))).join('');
  }

  #see(pod: LabPod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    const known = this.#pods.get(uid);
    known?.update(pod);
    if (deletionTimestamp !== undefined) void known?.terminate().catch(() => undefined);
    else if (known === undefined) this.#pods.set(uid, new PodProcesses(pod, this.#surroundings));
  }

  #gone(uid: string): void {
    const pod = this.#pods.get(uid);
    this.#pods.delete(uid);
    void pod?.stop(0);
  }
}

async function addNode(objects: Objects, address: string, kubeletPort: number): Promise<void> {
  await objects.apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } }]);
  const status = {
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: NODE },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
  };
  await objects.ask('PATCH', `/api/v1/nodes/${NODE}/status`, { status }, 'application/merge-patch+json');
}
