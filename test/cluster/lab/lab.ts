import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServer } from '../../../src/cluster/api-server/index.ts';
import type { Audited } from './audit.ts';
import { binaries, type Progress } from './binaries.ts';
import { ControlPlane } from './control-plane.ts';
import { CRD_GROUPS, type CrdGroup, crdObjects } from './crds.ts';
import { resolveService } from './dns/names.ts';
import { DnsServer } from './dns/server.ts';
import { type LabObject, Objects, objectsOf } from './objects.ts';
import { owner, removeOrphanedFolders } from './owned.ts';
import type { Executed } from './pods/container-process.ts';
import type { Images } from './pods/pod.ts';
import { PodNetwork } from './pods/pod-network.ts';
import { PodRunner } from './pods/pod-runner.ts';
import { Range } from './pods/range.ts';
import { rolledOut } from './rollout.ts';
import { slicesByService } from './services/endpoints.ts';
import { ServiceProxy } from './services/service-proxy.ts';

export interface LabOptions {
  /** Releases whose CRDs are applied; all by default. */
  readonly crds?: readonly CrdGroup[];
  /** Deployments make Pods, Services get EndpointSlices. */
  readonly controllers?: boolean;
  /** What runs for the images of Pods; without it Pods stay pending. */
  readonly images?: Images;
  /** User whose requests `lab.audited()` has, such as `system:serviceaccount:NAMESPACE:NAME`. */
  readonly auditedUser?: string;
  readonly progress?: Progress;
}

/** Where Services have their addresses in a lab without a network, where nobody answers them. */
const UNUSED_SERVICES = new Range((10 << 24) + (96 << 16), 16);

/** A Kubernetes control plane of this process, with the upstream CRDs, and Pods that are processes. */
export class Lab {
  readonly controlPlane: ControlPlane;
  readonly objects: Objects;
  /** Logs, certificates, kubeconfigs; gone when the lab stops. */
  readonly folder: string;
  readonly #closers: (() => Promise<void>)[];
  #pods: PodRunner | undefined;
  #network: PodNetwork | undefined;

  private constructor(folder: string, controlPlane: ControlPlane, closers: (() => Promise<void>)[]) {
    this.folder = folder;
    this.controlPlane = controlPlane;
    this.objects = new Objects(controlPlane.server);
    this.#closers = closers;
  }

  /** The first run builds the control plane, in about 10 minutes; later ones take seconds. */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const progress: Progress = options.progress ?? (line => process.stderr.write(`cluster-lab: ${line}\n`));
    const programs = await binaries(progress);
    await removeOrphanedFolders();
    const closers: (() => Promise<void>)[] = [];
    try {
      const folder = await mkdtemp(join(tmpdir(), owner));
      closers.push(() => rm(folder, { recursive: true, force: true }));
      const network = options.images === undefined ? undefined : await PodNetwork.create();
      if (network !== undefined) closers.push(() => network.close());
      const plane = await ControlPlane.start(folder, programs, {
        withControllers: options.controllers ?? true,
        services: network?.services ?? UNUSED_SERVICES,
        ...(options.auditedUser === undefined ? {} : { auditedUser: options.auditedUser }),
      });
      closers.push(() => plane.stop());
      const lab = new Lab(folder, plane, closers);
      await Promise.all((options.crds ?? CRD_GROUPS).map(group => lab.applyCrds(group, progress)));
      if (network !== undefined) await lab.#startNode(network, options.images!, progress);
      return lab;
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  /** As `system:masters`. */
  get server(): ApiServer {
    return this.controlPlane.server;
  }

  get kubeconfig(): string {
    return this.controlPlane.kubeconfig;
  }

  async applyCrds(group: CrdGroup, progress: Progress = () => {}): Promise<void> {
    await this.objects.applyCrds(await crdObjects(group, progress));
  }

  /** A kubeconfig of a service account, which is made; it may do nothing until RBAC says so. */
  async serviceAccount(name: string, namespace = 'default'): Promise<string> {
    await this.objects.apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }]);
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { status } = (await this.objects.ask('POST', path, request)) as { status: { token: string } };
    return await this.controlPlane.kubeconfigFor(`${namespace}-${name}`, status.token);
  }

  /** Addresses of Services of type LoadBalancer. */
  get loadBalancers(): Range {
    if (this.#network === undefined) throw new Error('this lab has no network: start it with `images`');
    return this.#network.loadBalancers;
  }

  /** What {@link LabOptions.auditedUser} has asked the API server so far. */
  audited(): Promise<Audited[]> {
    return this.controlPlane.audit.read();
  }

  /**
   * `kubectl exec`: a command in the network, files and environment of a Pod's container. Fails when it does not run.
   * @param pod name of a Pod, or `deployment/NAME`: any of its Pods
   */
  async exec(
    namespace: string,
    pod: string,
    command: readonly string[],
    container?: string,
  ): Promise<Executed> {
    return await this.#runner.exec(namespace, pod, command, container);
  }

  /** `kill -9` of the process of a Pod's container, or another signal; its Pod then starts it again. Fails when it does not run. */
  kill(namespace: string, pod: string, container?: string, signal?: NodeJS.Signals): void {
    this.#runner.kill(namespace, pod, container, signal);
  }

  /** `kubectl logs`, of all runs of a container. */
  async logs(namespace: string, pod: string, container?: string): Promise<string> {
    return await this.#runner.logs(namespace, pod, container);
  }

  /** Applies manifests and waits until the Pods of their Deployments, DaemonSets and StatefulSets are available. */
  async install(manifests: string | readonly object[], withinMs?: number): Promise<void> {
    await this.objects.apply(manifests);
    const explain = async ({ kind, metadata }: LabObject) => {
      const name = kind === 'Deployment' ? `deployment/${metadata.name}` : metadata.name;
      const log = await this.logs(metadata.namespace ?? 'default', name).catch(error => String(error));
      return log.slice(-3000);
    };
    await rolledOut(this.objects, objectsOf(manifests), explain, withinMs);
  }

  get #runner(): PodRunner {
    if (this.#pods === undefined) throw new Error('this lab runs no Pods: start it with `images`');
    return this.#pods;
  }

  async stop(): Promise<void> {
    await closeAll(this.#closers);
  }

  async #startNode(network: PodNetwork, images: Images, progress: Progress): Promise<void> {
    const { objects, kubeconfig, folder, controlPlane } = this;
    const apiServerPort = controlPlane.port;
    const services = new ServiceProxy({ objects, kubeconfig, network, apiServerPort, progress });
    this.#closers.push(() => services.stop());
    const dns = await DnsServer.start(network.hostAddress, 53, question =>
      resolveService(
        question,
        (namespace, name) => services.services.get(namespace, name),
        () => slicesByService(services.slices.list()),
      ),
    );
    this.#closers.push(() => dns.close());
    const { certificate } = controlPlane;
    const pods = await PodRunner.start({ objects, kubeconfig, folder, images, network, certificate });
    this.#closers.push(() => pods.stop());
    this.#pods = pods;
    this.#network = network;
  }
}

/** In the opposite order; each of them, whatever the others do. */
async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const close of closers.splice(0).reverse())
    await close().catch(error => {
      failed.push(error);
    });
  if (failed.length > 0) throw new AggregateError(failed, 'the cluster lab could not be stopped');
}
