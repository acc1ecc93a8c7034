import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Objects } from '../objects.ts';
import { RunningProgram } from '../program.ts';
import { type Container, type Images, type LabPod, NODE } from './pod.ts';
import { type PodNetwork, type PodPlace, within } from './pod-network.ts';
import { podStatus } from './pod-status.ts';
import { isReady } from './probe.ts';

export interface PodSurroundings {
  readonly objects: Objects;
  readonly network: PodNetwork;
  readonly images: Images;
  /** For logs. */
  readonly folder: string;
}

const PROBE_MS = 250;

/** One Pod: binds it, runs it, reports it, until it is stopped. */
export class PodProcesses {
  readonly #pod: LabPod;
  readonly #with: PodSurroundings;
  readonly #abort = new AbortController();
  readonly #run: Promise<void>;
  readonly #programs = new Map<Container, RunningProgram>();
  readonly #restarts = new Map<Container, number>();
  #place: PodPlace | undefined;
  #terminating: Promise<void> | undefined;

  constructor(pod: LabPod, surroundings: PodSurroundings) {
    this.#pod = pod;
    this.#with = surroundings;
    this.#run = this.#go();
  }

  /** The Pod was deleted: ends it within its grace period, then lets the API server forget it. */
  terminate(): Promise<void> {
    return (this.#terminating ??= (async () => {
      await this.stop((this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
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
    await Promise.all([...this.#programs.values()].map(program => program.stop(graceMs)));
    if (this.#place !== undefined) await this.#with.network.remove(this.#place);
    this.#place = undefined;
  }

  async #go(): Promise<void> {
    const { signal } = this.#abort;
    let reported = '';
    while (!signal.aborted) {
      try {
        this.#place ??= await this.#begin();
        const status = await this.#status();
        const text = JSON.stringify(status);
        if (text !== reported && !signal.aborted) {
          const path = `${this.#path()}/status`;
          await this.#with.objects.ask('PATCH', path, { status }, 'application/merge-patch+json');
          reported = text;
        }
      } catch {
        // The API server is away, or the Pod is: the runner hears of that.
      }
      await delay(PROBE_MS, undefined, { signal }).catch(() => undefined);
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

  async #status(): Promise<object> {
    const containers = [];
    for (const container of this.#pod.spec.containers) {
      const command = this.#with.images(container, this.#pod);
      const program = command === undefined ? undefined : this.#keepRunning(container, command);
      containers.push({
        container,
        state: command === undefined ? ('no-image' as const) : ('running' as const),
        ready: program !== undefined && (await isReady(container, this.#place!.address)),
        restarts: this.#restarts.get(container) ?? 0,
      });
    }
    return podStatus(this.#place!.address, containers);
  }

  /** restartPolicy Always, without its back-off. */
  #keepRunning(container: Container, command: readonly string[]): RunningProgram {
    const before = this.#programs.get(container);
    if (before !== undefined && !before.hasEnded) return before;
    if (before !== undefined) this.#restarts.set(container, (this.#restarts.get(container) ?? 0) + 1);
    const { namespace, name } = this.#pod.metadata;
    const log = join(this.#with.folder, `pod-${namespace}-${name}-${container.name}.log`);
    const env = Object.fromEntries((container.env ?? []).map(each => [each.name, each.value ?? '']));
    const program = new RunningProgram(
      `${namespace}/${name} ${container.name}`,
      within(this.#place!, command),
      log,
      { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    );
    this.#programs.set(container, program);
    return program;
  }

  #path(): string {
    const { namespace, name } = this.#pod.metadata;
    return `/api/v1/namespaces/${namespace}/pods/${name}`;
  }
}
