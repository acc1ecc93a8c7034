import { statSync } from 'node:fs';
import type { UnknownFields } from '../api/index.ts';
import { monotonicMs, nextTurn } from '../kernel/index.ts';
import { findManifests, kindOf } from './find-files.ts';
import type { FileText } from './half-written.ts';
import { type Manifest, splitDocuments } from './manifest.ts';
import { LARGE_CHARACTERS, type Part } from './part.ts';
import { PartReader } from './part-reader.ts';
import { readManifestFile } from './read-file.ts';

/** Nothing waits longer than this, and one small document, for large files to be read. */
const TURN_MS = 20;

/** A large file as it was read beforehand. */
export interface Ahead extends FileText {
  /** Its parts alone are of use, as what was before. */
  readonly manifest: Manifest;
}

/** Reads large texts in turns of the event loop, and what is large in one piece in a thread: signals and requests do not wait. */
export class ReadAhead {
  readonly #reader: PartReader;

  constructor(unknownFields: UnknownFields = 'error') {
    this.#reader = new PartReader(unknownFields);
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  /** Of the files that are large and not as they were. What is wrong with them is found, and told, by who reads them after this. */
  async files(
    files: readonly string[],
    loaded: ReadonlyMap<string, FileText & { readonly manifest: Manifest }> = new Map(),
  ): Promise<Map<string, Ahead>> {
    const ahead = new Map<string, Ahead>();
    for (const file of files)
      try {
        const read = readManifestFile(file);
        const before = loaded.get(file);
        if (before?.text === read.text || !isLarge(read.text)) continue;
        ahead.set(file, { ...read, manifest: await this.text(read.text, before?.manifest) });
      } catch {
        // It is read again.
      }
    return ahead;
  }

  /** @returns to be given to parseManifest as what was before */
  async text(text: string, before?: Manifest): Promise<Manifest> {
    const parts = new Map<string, Part>();
    let sinceMs = monotonicMs();
    for (const part of isLarge(text) ? splitDocuments(text) : []) {
      const known = parts.get(part) ?? before?.parts.get(part);
      parts.set(part, known ?? (await this.#reader.read(part)));
      if (monotonicMs() - sinceMs < TURN_MS) continue;
      await new Promise<void>(nextTurn);
      sinceMs = monotonicMs();
    }
    return { entries: [], problems: [], broken: [], parts };
  }
}

export function isLarge(text: string): boolean {
  return text.length > LARGE_CHARACTERS;
}

/** Files that may be large: of those that are not nothing is known but that. */
export function largeFiles(paths: readonly string[]): string[] {
  return findManifests(paths).files.filter(file => {
    try {
      return kindOf(file) !== 'special' && statSync(file).size > LARGE_CHARACTERS;
    } catch {
      // Who reads it tells of that.
      return false;
    }
  });
}
