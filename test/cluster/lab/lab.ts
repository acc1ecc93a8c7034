import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiServer } from '../../../src/cluster/api-server/index.ts';
import { binaries, type Progress } from './binaries.ts';
import { ControlPlane } from './control-plane.ts';
import { CRD_GROUPS, type CrdGroup, crdObjects } from './crds.ts';
import { Objects } from './objects.ts';
import { owner, removeOrphanedFolders } from './owned.ts';
import type { Images } from './pods/pod.ts';
import { PodRunner } from './pods/pod-runner.ts';

export interface LabOptions {
  /** Releases whose CRDs are applied; all by default. */
  readonly crds?: readonly CrdGroup[];
  /** Deployments make Pods, Services get EndpointSlices. */
  readonly controllers?: boolean;
  /** What runs for the images of Pods; without it Pods stay pending. */
  readonly images?: Images;
  readonly progress?: Progress;
}

/** A Kubernetes control plane of this process, with the upstream CRDs, and Pods that are processes. */
export class Lab {
  readonly controlPlane: ControlPlane;
  readonly objects: Objects;
  /** Logs, certificates, kubeconfigs; gone when the lab stops. */
  readonly folder: string;
  #pods: PodRunner | undefined;

  private constructor(folder: string, controlPlane: ControlPlane) {
    this.folder = folder;
    this.controlPlane = controlPlane;
    this.objects = new Objects(controlPlane.server);
  }

  /** The first run builds the control plane, in about 10 minutes; later ones take seconds. */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const progress: Progress = options.progress ?? (line => process.stderr.write(`cluster-lab: ${line}\n`));
    const programs = await binaries(progress);
    await removeOrphanedFolders();
    const folder = await mkdtemp(join(tmpdir(), owner));
    try {
      const plane = await ControlPlane.start(folder, programs, options.controllers ?? true);
      const lab = new Lab(folder, plane);
      try {
        for (const group of options.crds ?? CRD_GROUPS) await lab.applyCrds(group, progress);
        if (options.images !== undefined)
          lab.#pods = await PodRunner.start(lab.objects, plane.kubeconfig, folder, options.images);
        return lab;
      } catch (error) {
        await lab.stop();
        throw error;
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
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

  async stop(): Promise<void> {
    await this.#pods?.stop();
    await this.controlPlane.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
