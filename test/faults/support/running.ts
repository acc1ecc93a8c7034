import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Up, Workplace } from '../../e2e/cli-process.ts';

/** A running `up` over a folder of manifests, with where it is reached. */
export interface Running {
  readonly up: Up;
  /** `ADDRESS:PORT` of the first listener. */
  readonly gateway: string;
  /** Base URL. */
  readonly admin: string;
}

export async function running(place: Workplace, args: readonly string[]): Promise<Running> {
  const up = await place.up(args);
  const [, gateway = ''] = await up.until(/on https?:\/\/(\S+)/);
  const [, admin = ''] = await up.until(/Admin API\s+(\S+)/);
  return { up, gateway, admin };
}

/** Manifest files that a test edits. */
export class Manifests {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true });
  }

  /** In place, as `echo >` does. */
  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text);
  }

  /** As editors do that write beside the file and rename. */
  replace(name: string, text: string): void {
    const draft = join(this.path, `.${name}.swp`);
    writeFileSync(draft, text);
    renameSync(draft, join(this.path, name));
  }

  remove(name: string): void {
    rmSync(join(this.path, name));
  }
}
