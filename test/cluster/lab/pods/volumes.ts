import { chmod, chown, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { AtomicFolder, type Ownership } from './atomic-folder.ts';
import type { Container, LabPod, Volume } from './pod.ts';
import { filesOf, type VolumeSources } from './volume-files.ts';

/** A folder or file of this machine at a path of the container. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** The volumes of a Pod, as folders of this machine. */
export class Volumes {
  readonly #folder: string;
  readonly #pod: LabPod;
  readonly #owner: Ownership;
  readonly #atomic = new Map<string, AtomicFolder>();

  constructor(folder: string, pod: LabPod, owner: Ownership) {
    this.#folder = folder;
    this.#pod = pod;
    this.#owner = owner;
  }

  /** Makes what is missing and writes what has changed. */
  async write(sources: VolumeSources): Promise<void> {
    for (const volume of this.#pod.spec.volumes ?? []) {
      if (volume.hostPath !== undefined) continue;
      const path = this.#pathOf(volume);
      const files = await filesOf(volume, sources);
      await mkdir(path, { recursive: true });
      if (files === undefined) await this.#empty(path);
      else await this.#atomicAt(path).write(files);
    }
  }

  async mountsOf({ name, volumeMounts = [] }: Container): Promise<Mount[]> {
    const mounts = [];
    for (const { name: volumeName, mountPath, subPath, readOnly = false } of volumeMounts) {
      const volume = this.#pod.spec.volumes?.find(each => each.name === volumeName);
      if (volume === undefined) throw new Error(`container ${name} mounts ${volumeName}, which is no volume`);
      const path = this.#pathOf(volume);
      const source = subPath === undefined ? path : join(path, subPath);
      if (subPath !== undefined && volume.emptyDir !== undefined) await mkdir(source, { recursive: true });
      const isWritable = volume.emptyDir !== undefined || volume.hostPath !== undefined;
      mounts.push({ source: await realpath(source), target: mountPath, readOnly: readOnly || !isWritable });
    }
    return mounts;
  }

  #pathOf({ name, hostPath }: Volume): string {
    return hostPath?.path ?? join(this.#folder, 'volumes', name);
  }

  #atomicAt(path: string): AtomicFolder {
    const known = this.#atomic.get(path);
    if (known !== undefined) return known;
    const made = new AtomicFolder(path, this.#owner);
    this.#atomic.set(path, made);
    return made;
  }

  /** A kubelet makes them for everybody. */
  async #empty(path: string): Promise<void> {
    await chmod(path, 0o777);
    await chown(path, 0, this.#owner.group);
  }
}
