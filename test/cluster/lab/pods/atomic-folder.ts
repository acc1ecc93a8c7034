import { randomBytes } from 'node:crypto';
import { chown, lstat, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface VolumeFile {
  readonly data: Buffer;
  readonly mode: number;
}

export interface Ownership {
  readonly user: number;
  readonly group: number;
}

/**
 * A volume whose files change all at once, as a kubelet's AtomicWriter does it: they are in a folder of their own, `..data` is a
 * link to it, and names that people use are links through `..data`. A change moves another link over `..data`.
 */
export class AtomicFolder {
  readonly path: string;
  readonly #owner: Ownership;
  #written: string | undefined;
  #folder: string | undefined;

  constructor(path: string, owner: Ownership) {
    this.path = path;
    this.#owner = owner;
  }

  /** @param files by path within the volume; whether anything was written */
  async write(files: ReadonlyMap<string, VolumeFile>): Promise<boolean> {
    const content = JSON.stringify(
      [...files].map(([path, { data, mode }]) => [path, mode, data.toString('base64')]),
    );
    if (content === this.#written) return false;
    const folder = `..${new Date().toISOString().replaceAll(/[^0-9]/g, '_')}${randomBytes(4).toString('hex')}`;
    await this.#folderAt(join(this.path, folder));
    for (const [path, { data, mode }] of files) {
      const target = join(this.path, folder, path);
      await this.#folderAt(dirname(target));
      await writeFile(target, data, { mode });
      await this.#own(target);
    }
    await rm(join(this.path, '..data_tmp'), { force: true });
    await symlink(folder, join(this.path, '..data_tmp'));
    await rename(join(this.path, '..data_tmp'), join(this.path, '..data'));
    await this.#link(new Set([...files.keys()].map(path => path.split('/')[0]!)));
    if (this.#folder !== undefined) await rm(join(this.path, this.#folder), { recursive: true, force: true });
    this.#folder = folder;
    this.#written = content;
    return true;
  }

  /** Names that people use. */
  async #link(names: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.path))
      if (!name.startsWith('..') && !names.has(name)) await rm(join(this.path, name), { force: true });
    for (const name of names) {
      const path = join(this.path, name);
      const isThere = await lstat(path).then(
        () => true,
        () => false,
      );
      if (!isThere) await symlink(join('..data', name), path);
    }
  }

  async #folderAt(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o755 });
    await this.#own(path);
  }

  async #own(path: string): Promise<void> {
    await chown(path, this.#owner.user, this.#owner.group);
  }
}
