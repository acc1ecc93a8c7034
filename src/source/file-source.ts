import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { buildResourceSet, type ResourceEntry, type ResourceSet } from '../api/index.ts';
import { findFiles, findFolders } from './find-files.ts';
import { FolderWatch } from './folder-watch.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { Listeners, type Source, type SourceProblem } from './source.ts';

export interface FileSourceOptions {
  /** Files, folders, and `-` for standard input. */
  readonly paths: readonly string[];
  /** Look for edits. */
  readonly watch: boolean;
  readonly stdin?: NodeJS.ReadableStream;
}

/** An editor writes a file in several steps; what comes within this is one edit. */
const DEBOUNCE_MS = 50;
const STDIN = '-';

interface Loaded {
  readonly text: string;
  readonly manifest: Manifest;
  /** Objects that count: the manifest's, or those before a broken edit. */
  readonly entries: readonly ResourceEntry[];
}

/** Objects of files and folders. A file with a broken edit keeps its last good objects; one that vanishes loses them. */
export async function fileSource(options: FileSourceOptions): Promise<Source> {
  const stdin = options.paths.includes(STDIN) ? await readAll(options.stdin ?? process.stdin) : undefined;
  return new FileSource(options, stdin);
}

class FileSource implements Source {
  readonly #paths: readonly string[];
  readonly #stdin: Loaded | undefined;
  readonly #listeners = new Listeners();
  readonly #watch = new FolderWatch(() => this.#edited());
  #loaded = new Map<string, Loaded>();
  #set: ResourceSet;
  #problems: readonly SourceProblem[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FileSourceOptions, stdin: string | undefined) {
    this.#paths = options.paths.filter(path => path !== STDIN);
    this.#stdin = stdin === undefined ? undefined : load('(stdin)', stdin, undefined);
    this.#set = this.#read();
    if (options.watch) this.#watch.watch(findFolders(this.#paths));
  }

  current(): ResourceSet {
    return this.#set;
  }

  problems(): readonly SourceProblem[] {
    return this.#problems;
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#watch.close();
  }

  #read(): ResourceSet {
    const loaded = new Map<string, Loaded>();
    const unreadable: SourceProblem[] = [];
    if (this.#stdin !== undefined) loaded.set(STDIN, this.#stdin);
    for (const file of findFiles(this.#paths)) {
      const before = this.#loaded.get(file);
      try {
        loaded.set(file, load(file, readFileSync(file, 'utf8'), before));
      } catch (error) {
        if (before !== undefined) loaded.set(file, before);
        const message = `cannot be read: ${(error as Error).message}`;
        unreadable.push({ severity: 'error', file, line: 1, column: 1, message });
      }
    }
    this.#loaded = loaded;
    const entries = [...loaded.values()].flatMap(each => each.entries);
    this.#problems = [
      ...unreadable,
      ...[...loaded.values()].flatMap(each => each.manifest.problems),
      ...duplicates(entries),
    ];
    return buildResourceSet(entries);
  }

  #edited(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const before = this.#loaded;
      this.#watch.watch(findFolders(this.#paths));
      const set = this.#read();
      const same =
        before.size === this.#loaded.size &&
        [...this.#loaded].every(([file, each]) => before.get(file) === each);
      if (same) return;
      this.#set = set;
      this.#listeners.call();
    }, DEBOUNCE_MS);
  }
}

/** The same {@link Loaded} where the text is the same. */
function load(file: string, text: string, before: Loaded | undefined): Loaded {
  if (before?.text === text) return before;
  const manifest = parseManifest(file, text);
  const broken = manifest.problems.some(problem => problem.severity === 'error');
  return { text, manifest, entries: broken && before !== undefined ? before.entries : manifest.entries };
}

/** One object in two places: which one counts should not be a guess. */
function duplicates(entries: readonly ResourceEntry[]): SourceProblem[] {
  const seen = new Map<string, ResourceEntry>();
  const problems: SourceProblem[] = [];
  for (const entry of entries) {
    const { apiVersion, kind, metadata } = entry.object;
    const title = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
    const key = `${apiVersion.split('/')[0]} ${title}`;
    const first = seen.get(key)?.origin;
    seen.set(key, entry);
    if (first === undefined || entry.origin === undefined) continue;
    const { file, line, column } = entry.origin;
    problems.push({
      severity: 'warning',
      file,
      line,
      column,
      object: title,
      message: `${title}: takes the place of the one at ${first.file}:${first.line}`,
    });
  }
  return problems;
}
