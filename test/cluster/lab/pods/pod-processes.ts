import { join } from 'node:path';
import { peerTakes } from '../../../support/peer-takes.ts';
import type { Objects } from '../objects.ts';
import type { Store, Stored } from '../store.ts';
import { ContainerLife } from './container-life.ts';
import type { ContainerProcess } from './container-process.ts';
import type { Texts } from './environment.ts';
import { launch } from './launch.ts';
import { type Container, type Images, type LabPod, NODE } from './pod.ts';
import type { PodNetwork, PodPlace } from './pod-network.ts';
import { type Condition, hasSucceeded, podStatus } from './pod-status.ts';
import { Tokens } from './tokens.ts';
import { Volumes } from './volumes.ts';

/** A ConfigMap or a Secret. */
export interface DataObject extends Stored {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export interface PodSurroundings {
  readonly objects: Objects;
  readonly network: PodNetwork;
  readonly images: Images;
  readonly configMaps: Store<DataObject>;
  readonly secrets: Store<DataObject>;
  /** For logs and volumes. */
  readonly folder: string;
}

const TURN_MS = 100;

/** One Pod: binds it, runs it, reports it, until it is stopped. */
export class PodProcesses {
  #pod: LabPod;
  readonly #with: PodSurroundings;
  readonly #abort = new AbortController();
  readonly #startedAt = new Date();
  readonly #init: readonly ContainerLife[];
  readonly #containers: readonly ContainerLife[];
  readonly #volumes: Volumes;
  readonly #tokens: Tokens;
  readonly #run: Promise<void>;
  #place: PodPlace | undefined;
  #isInitialized = false;
  #terminating: Promise<void> | undefined;
  #writtenFrom = '';

  constructor(pod: LabPod, surroundings: PodSurroundings) {
    this.#pod = pod;
    this.#with = surroundings;
    const { runAsUser = 0, runAsGroup = runAsUser, fsGroup = runAsGroup } = pod.spec.securityContext ?? {};
    this.#volumes = new Volumes(this.#folder, pod, { user: runAsUser, group: fsGroup });
    this.#tokens = new Tokens(surroundings.objects, pod);
    this.#init = (pod.spec.initContainers ?? []).map(
      each => new ContainerLife(each, this.#lifeOf(each, true)),
    );
    this.#containers = pod.spec.containers.map(each => new ContainerLife(each, this.#lifeOf(each, false)));
    this.#run = this.#go();
  }

  get pod(): LabPod {
    return this.#pod;
  }

  /** Labels and annotations may change, and the grace period. */
  update(pod: LabPod): void {
    this.#pod = pod;
  }

  /** What a container runs now; the first container when no name is given. */
  process(name?: string): ContainerProcess | undefined {
    const all = [...this.#containers, ...this.#init];
    return (name === undefined ? all[0] : all.find(({ container }) => container.name === name))?.process;
  }

  logOf(container = this.#pod.spec.containers[0]!.name): string {
    const { namespace, name } = this.#pod.metadata;
    return join(this.#with.folder, `pod-${namespace}-${name}-${container}.log`);
  }

  /** The Pod was deleted: ends it within its grace period, then lets the API server forget it. */
  terminate(): Promise<void> {
    return (this.#terminating ??= (async () => {
      await this.stop(this.#graceMs);
      const { uid } = this.#pod.metadata;
      await this.#with.objects.ask('DELETE', this.#path(), {
        gracePeriodSeconds: 0,
        preconditions: { uid },
      });
    })());
  }

  async stop(graceMs: number): Promise<void> {
    this.#abort.abort();
    await this.#run;
    await Promise.all([...this.#init, ...this.#containers].map(life => life.stop(graceMs)));
    if (this.#place !== undefined) await this.#with.network.remove(this.#place);
    this.#place = undefined;
  }

  async #go(): Promise<void> {
    const { signal } = this.#abort;
    let reported = '';
    let conditions: readonly Condition[] = [];
    while (!signal.aborted) {
      try {
        this.#place ??= await this.#begin();
        await this.#turn();
        const status = podStatus(
          {
            addresses: this.#addresses,
            startedAt: this.#startedAt,
            init: this.#init.map(life => life.status),
            isInitialized: this.#isInitialized,
            containers: this.#containers.map(life => life.status),
          },
          conditions,
          new Date(),
        );
        const text = JSON.stringify(status);
        if (text !== reported && !signal.aborted) {
          const path = `${this.#path()}/status`;
          await this.#with.objects.ask('PATCH', path, { status }, 'application/merge-patch+json');
          ({ conditions } = status);
          reported = text;
        }
      } catch {
        // The API server is away, or the Pod is: the runner hears of that.
      }
      await peerTakes(TURN_MS, signal);
    }
  }

  /** POST binding, as the scheduler does; a Pod of no Node never reaches an EndpointSlice. */
  async #begin(): Promise<PodPlace> {
    if (this.#pod.spec.nodeName === undefined) {
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: this.#pod.metadata.name },
        target: { apiVersion: 'v1', kind: 'Node', name: NODE },
      };
      await this.#with.objects.ask('POST', `${this.#path()}/binding`, binding).catch(error => {
        // Answered, and the answer lost.
        if (!/already assigned/.test(String(error))) throw error;
      });
    }
    return await this.#with.network.add();
  }

  /** Init containers run one after the other, those that stay beside the rest; then all others. */
  async #turn(): Promise<void> {
    const missing = await this.#writeVolumes();
    const now = performance.now();
    const step = async (life: ContainerLife) => {
      if (life.process !== undefined || missing === undefined) await life.step(now);
      else life.hold(missing);
    };
    for (const life of this.#init) {
      await step(life);
      const { state, isStarted } = life.status;
      const isDone = life.container.restartPolicy === 'Always' ? isStarted : hasSucceeded(state);
      if (!isDone && !this.#isInitialized) return;
    }
    this.#isInitialized ||= missing === undefined;
    await Promise.all(this.#containers.map(step));
  }

  /** What is missing for them. */
  async #writeVolumes(): Promise<string | undefined> {
    const { configMaps, secrets } = this.#with;
    const { labels, annotations } = this.#pod.metadata;
    const from = JSON.stringify([configMaps.changes, secrets.changes, labels, annotations]);
    if (from === this.#writtenFrom && Date.now() < this.#tokens.renewAtMs) return undefined;
    try {
      const token = this.#tokens.get.bind(this.#tokens);
      await this.#volumes.write({ pod: this.#pod, addresses: this.#addresses, texts: this.#texts, token });
      this.#writtenFrom = from;
      return undefined;
    } catch (error) {
      return String((error as Error).message);
    }
  }

  #lifeOf(container: Container, isInit: boolean) {
    const { restartPolicy = 'Always' } = this.#pod.spec;
    // An init container that is to be started again ends when it has succeeded.
    const ofInit = container.restartPolicy ?? (restartPolicy === 'Never' ? 'Never' : 'OnFailure');
    return {
      address: () => this.#place!.address,
      restartPolicy: isInit ? ofInit : restartPolicy,
      graceMs: this.#graceMs,
      start: () =>
        launch(container, {
          pod: this.#pod,
          place: this.#place!,
          addresses: this.#addresses,
          images: this.#with.images,
          texts: this.#texts,
          volumes: this.#volumes,
          files: this.#files(),
          kubernetes: this.#with.network.kubernetes,
          folder: this.#folder,
          log: this.logOf(container.name),
        }),
    };
  }

  readonly #texts: Texts = (kind, name) => {
    const store = kind === 'Secret' ? this.#with.secrets : this.#with.configMaps;
    const object = store.get(this.#pod.metadata.namespace, name);
    if (object === undefined) return undefined;
    const encoding = kind === 'Secret' ? 'base64' : 'utf8';
    const texts: Record<string, Buffer> = {};
    for (const [key, value] of Object.entries(object.data ?? {})) texts[key] = Buffer.from(value, encoding);
    for (const [key, value] of Object.entries(object.binaryData ?? {}))
      texts[key] = Buffer.from(value, 'base64');
    return texts;
  };

  #files(): Record<string, string> {
    const { namespace, name } = this.#pod.metadata;
    const { hostAddress } = this.#with.network;
    const search = [`${namespace}.svc`, 'svc', ''].map(part => `${part}${part && '.'}cluster.local`);
    return {
      '/etc/hosts': `127.0.0.1 localhost\n::1 localhost\n${this.#place!.address} ${name}\n`,
      '/etc/hostname': `${name}\n`,
      '/etc/resolv.conf': `nameserver ${hostAddress}\nsearch ${search.join(' ')}\noptions ndots:5\n`,
    };
  }

  get #addresses() {
    const { hostAddress } = this.#with.network;
    return { pod: this.#place!.address, node: hostAddress };
  }

  get #graceMs(): number {
    const { metadata, spec } = this.#pod;
    return (metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  get #folder(): string {
    return join(this.#with.folder, 'pods', this.#pod.metadata.uid);
  }

  #path(): string {
    const { namespace, name } = this.#pod.metadata;
    return `/api/v1/namespaces/${namespace}/pods/${name}`;
  }
}
