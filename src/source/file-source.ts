import { readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { buffer as readAll } from 'node:stream/consumers';
import { buildResourceSet, type ResourceEntry, type ResourceSet, type UnknownFields } from '../api/index.ts';
import { decodeText } from './decode-text.ts';
import { findManifests, kindOf } from './find-files.ts';
import { FolderWatch } from './folder-watch.ts';
import { keyOf, type Manifest, NAMELESS, parseManifest } from './manifest.ts';
import { Listeners, type Source, type SourceProblem } from './source.ts';

export interface FileSourceOptions {
  /** Files, folders, and `-` for standard input. */
  readonly paths: readonly string[];
  /** Look for edits. */
  readonly watch: boolean;
  /** Errors by default. */
  readonly unknownFields?: UnknownFields;
  readonly stdin?: NodeJS.ReadableStream;
}

/** An editor writes a file in several steps; what comes within this is one edit. */
const DEBOUNCE_MS = 50;
/** Edits that never pause (a generator, a log in the same folder) are taken up so often all the same. */
const MAX_DEBOUNCE_MS = 500;
/** After this, what could not be read is tried again. */
const LOOK_AGAIN_MS = 1000;
const STDIN = '-';
const STDIN_NAME = '(stdin)';

interface Loaded {
  readonly text: string;
  readonly manifest: Manifest;
  /** Objects that count: the manifest's, and of those that are broken the last good form; all from before where the text is. */
  readonly entries: readonly ResourceEntry[];
}

/**
 * Objects of files and folders. An object with a broken edit keeps its last good form, a file that cannot be read as objects all
 * of its last ones, and so does a path of the options that vanishes; a file that vanishes from a folder loses them.
 */
export async function fileSource(options: FileSourceOptions): Promise<Source> {
  if (!options.paths.includes(STDIN)) return new FileSource(options, undefined);
  const decoded = decodeText(await readAll(options.stdin ?? process.stdin));
  const text = 'text' in decoded ? decoded.text : '';
  const stdin = load(STDIN_NAME, text, undefined, options.unknownFields);
  if ('text' in decoded) return new FileSource(options, stdin);
  const problem = {
    severity: 'error',
    file: STDIN_NAME,
    line: 1,
    column: 1,
    message: decoded.error,
  } as const;
  return new FileSource(options, {
    ...stdin,
    manifest: { entries: [], problems: [problem], broken: [], parts: new Map() },
  });
}

class FileSource implements Source {
  readonly #paths: readonly string[];
  readonly #stdin: Loaded | undefined;
  readonly #listeners = new Listeners();
  readonly #watch = new FolderWatch(() => this.#edited());
  #loaded = new Map<string, Loaded>();
  #set: ResourceSet;
  #problems: readonly SourceProblem[] = [];
  readonly #watches: boolean;
  readonly #unknownFields: UnknownFields | undefined;
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  /** When the first edit came that has not been read yet, on the monotonic clock. */
  #editedAtMs: number | undefined;
  /** Files that had become empty when they were last read. */
  #emptied = new Set<string>();

  constructor(options: FileSourceOptions, stdin: Loaded | undefined) {
    this.#paths = options.paths.filter(path => path !== STDIN);
    this.#stdin = stdin;
    this.#watches = options.watch;
    this.#unknownFields = options.unknownFields;
    this.#set = this.#read();
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
    clearTimeout(this.#again);
    this.#watch.close();
  }

  #read(): ResourceSet {
    const found = findManifests(this.#paths);
    // First, so that no edit falls between reading and watching.
    const unwatched = this.#watches ? this.#watch.watch(found.folders) : [];
    let failed = unwatched.length > 0 || found.unreadable.length > 0;
    const loaded = new Map<string, Loaded>();
    const unreadable: SourceProblem[] = [];
    if (this.#stdin !== undefined) loaded.set(STDIN, this.#stdin);
    const keep = (file: string, before: Loaded | undefined, message: string) => {
      if (before !== undefined) loaded.set(file, before);
      unreadable.push({ severity: 'error', file, line: 1, column: 1, message });
    };
    const keepBelow = (path: string, message: string) => {
      for (const [file, before] of this.#loaded) if (isBelow(path, file)) loaded.set(file, before);
      keep(path, this.#loaded.get(path), message);
    };
    for (const path of this.#paths) {
      if (kindOf(path) === 'none') keepBelow(path, 'is not there any more: its last objects are kept');
    }
    for (const { folder, error } of found.unreadable)
      keepBelow(folder, `cannot be read, its last objects are kept: ${error.message}`);
    for (const { folder, error } of unwatched)
      keep(folder, undefined, `cannot be watched, edits are looked for now and then: ${error.message}`);
    for (const file of found.files) {
      const before = this.#loaded.get(file);
      // A pipe has been read to its end.
      if (before !== undefined && kindOf(file) === 'special') {
        loaded.set(file, before);
        continue;
      }
      try {
        const decoded = decodeText(readFileSync(file));
        if ('error' in decoded) keep(file, before, decoded.error);
        else if (this.#isBeingWritten(file, decoded.text, before)) loaded.set(file, before);
        else loaded.set(file, load(file, decoded.text, before, this.#unknownFields));
      } catch (error) {
        failed = true;
        keep(file, before, `cannot be read: ${(error as Error).message}`);
      }
    }
    if (failed && this.#watches) this.#lookAgain();
    this.#loaded = loaded;
    const entries = [...loaded.values()].flatMap(each => each.entries);
    this.#problems = [
      ...unreadable,
      ...[...loaded.values()].flatMap(each => each.manifest.problems),
      ...duplicates(entries),
    ];
    return buildResourceSet(entries);
  }

  /** An editor that saves in place empties the file first: one that has just become empty is looked at again. */
  #isBeingWritten(file: string, text: string, before: Loaded | undefined): before is Loaded {
    if (text !== '' || before === undefined || before.text === '' || this.#emptied.has(file)) {
      this.#emptied.delete(file);
      return false;
    }
    this.#emptied.add(file);
    this.#edited();
    return true;
  }

  #edited(): void {
    const now = performance.now();
    this.#editedAtMs ??= now;
    const waitMs = Math.min(DEBOUNCE_MS, Math.max(0, this.#editedAtMs + MAX_DEBOUNCE_MS - now));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#reread(), waitMs);
  }

  /** What cannot be read now, for want of a file descriptor or of a right, may be later; nothing tells when. */
  #lookAgain(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.#reread(), LOOK_AGAIN_MS);
    this.#again.unref();
  }

  #reread(): void {
    this.#editedAtMs = undefined;
    const before = this.#loaded;
    const problems = JSON.stringify(this.#problems);
    const set = this.#read();
    const same =
      before.size === this.#loaded.size &&
      [...this.#loaded].every(([file, each]) => before.get(file) === each) &&
      problems === JSON.stringify(this.#problems);
    if (same) return;
    this.#set = set;
    this.#listeners.call();
  }
}

function isBelow(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The same {@link Loaded} where the text is the same. */
function load(
  file: string,
  text: string,
  before: Loaded | undefined,
  unknownFields: UnknownFields | undefined,
): Loaded {
  if (before?.text === text) return before;
  const manifest = parseManifest(file, text, before?.manifest, unknownFields);
  return { text, manifest, entries: entriesThatCount(manifest, before) };
}

function entriesThatCount(
  { entries, problems, broken }: Manifest,
  before: Loaded | undefined,
): readonly ResourceEntry[] {
  // Which objects the text would have had nobody can say.
  const isIllegible =
    problems.some(({ severity, object }) => severity === 'error' && object === undefined) ||
    broken.some(({ key }) => key === NAMELESS);
  if (isIllegible && before !== undefined) return before.entries;
  if (broken.length === 0) return entries;
  const good = new Map(
    before?.entries.flatMap(entry =>
      'unreadable' in entry.object ? [] : [[keyOf(entry.object), entry] as const],
    ),
  );
  return [...entries, ...broken.flatMap(({ key, entry }) => good.get(key) ?? entry ?? [])];
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
