import { sep } from 'node:path';
import { buildResourceSet, type ResourceSet, type UnknownFields } from '../api/index.ts';
import { monotonicMs, startTimer, stopTimer, type Timer, toError } from '../kernel/index.ts';
import { duplicates } from './duplicates.ts';
import { findManifests, kindOf } from './find-files.ts';
import { FolderWatch } from './folder-watch.ts';
import { type FileText, HalfWritten } from './half-written.ts';
import { type Loaded, load, unread } from './loaded.ts';
import { type Ahead, isLarge, largeFiles, ReadAhead } from './read-ahead.ts';
import { readManifestFile, readOnce, readStream, UnfitFile } from './read-file.ts';
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

/**
 * Objects of files and folders. An object with a broken edit keeps its last good form, a file that cannot be read as objects all
 * of its last ones, and so does a path of the options that vanishes; a file that vanishes from a folder loses them.
 */
export async function fileSource(options: FileSourceOptions): Promise<Source> {
  const reader = new ReadAhead(options.unknownFields);
  try {
    const once = await readThrough(options, reader);
    const paths = options.paths.filter(path => path !== STDIN);
    return new FileSource(options, once, await reader.files(largeFiles(paths)));
  } finally {
    await reader.close();
  }
}

/** What can be read once alone, by its path. */
async function readThrough(options: FileSourceOptions, reader: ReadAhead): Promise<Map<string, Loaded>> {
  const once = new Map<string, Loaded>();
  for (const path of options.paths) {
    const isStdin = path === STDIN;
    if (!isStdin && kindOf(path) !== 'special') continue;
    const name = isStdin ? STDIN_NAME : path;
    try {
      const { text, identity } = isStdin
        ? { text: await readStream(options.stdin ?? process.stdin), identity: STDIN }
        : await readOnce(path);
      const ahead = await reader.text(text);
      once.set(path, load(name, { text, identity }, undefined, options.unknownFields, ahead));
    } catch (error) {
      once.set(path, unread(name, (error as Error).message));
    }
  }
  return once;
}

class FileSource implements Source {
  readonly #paths: readonly string[];
  /** Standard input, pipes and devices, by path: they have been read to their ends. */
  readonly #once: ReadonlyMap<string, Loaded>;
  readonly #halfWritten = new HalfWritten();
  readonly #listeners = new Listeners();
  readonly #watch = new FolderWatch(() => this.#edited());
  #loaded = new Map<string, Loaded>();
  #set: ResourceSet;
  #problems: readonly SourceProblem[] = [];
  readonly #watches: boolean;
  readonly #unknownFields: UnknownFields | undefined;
  #timer: Timer | undefined;
  #again: Timer | undefined;
  /** Present while large files are read. */
  #reader: ReadAhead | undefined;
  #isEditedMeanwhile = false;
  #isClosed = false;
  /** When the first edit came that has not been read yet, on the monotonic clock. */
  #editedAtMs: number | undefined;

  constructor(
    options: FileSourceOptions,
    once: ReadonlyMap<string, Loaded>,
    ahead: ReadonlyMap<string, Ahead>,
  ) {
    this.#paths = options.paths.filter(path => path !== STDIN);
    this.#once = once;
    this.#watches = options.watch;
    this.#unknownFields = options.unknownFields;
    this.#set = this.#read(ahead);
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
    this.#isClosed = true;
    stopTimer(this.#timer);
    stopTimer(this.#again);
    this.#watch.close();
    await this.#reader?.close();
  }

  /** @param ahead large files that were read already */
  #read(ahead?: ReadonlyMap<string, Ahead>): ResourceSet {
    const found = findManifests(this.#paths);
    // First, so that no edit falls between reading and watching.
    const unwatched = this.#watches ? this.#watch.watch(found.folders) : [];
    let againInMs = unwatched.length > 0 || found.unreadable.length > 0 ? LOOK_AGAIN_MS : undefined;
    const nowMs = monotonicMs();
    const loaded = new Map<string, Loaded>();
    const unreadable: SourceProblem[] = [];
    const stdin = this.#once.get(STDIN);
    if (stdin !== undefined) loaded.set(STDIN, stdin);
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
    for (const path of found.dangling)
      if ([...this.#loaded.keys()].some(file => isBelow(path, file)))
        keepBelow(path, 'leads to nothing now: its last objects are kept');
    for (const { folder, error } of unwatched)
      keep(folder, undefined, `cannot be watched, edits are looked for now and then: ${error.message}`);
    for (const file of found.files) {
      const before = this.#loaded.get(file);
      const once = this.#once.get(file);
      if (once !== undefined) {
        loaded.set(file, once);
        continue;
      }
      try {
        const newest = readManifestFile(file);
        const early = ahead?.get(file);
        // It has changed since: that is read ahead too.
        const isLate = this.#watches && isLarge(newest.text) && !isOneOf(newest.text, before, early);
        if (isLate) againInMs = Math.min(againInMs ?? DEBOUNCE_MS, DEBOUNCE_MS);
        if (isLate && early === undefined) {
          if (before !== undefined) loaded.set(file, before);
          continue;
        }
        const now = isLate && early !== undefined ? early : newest;
        const after = load(file, now, before, this.#unknownFields, early?.manifest);
        const loses = () => after.entries.length < (before?.entries.length ?? 0);
        const delayMs = this.#halfWritten.delayMs(file, now, before, loses, nowMs);
        if (delayMs > 0) againInMs = Math.min(againInMs ?? delayMs, delayMs);
        loaded.set(file, delayMs > 0 && before !== undefined ? before : after);
      } catch (error) {
        if (error instanceof UnfitFile) {
          keep(file, before, error.message);
          continue;
        }
        againInMs = Math.min(againInMs ?? LOOK_AGAIN_MS, LOOK_AGAIN_MS);
        keep(file, before, `cannot be read: ${(error as Error).message}`);
      }
    }
    this.#halfWritten.keep(new Set(found.files));
    if (againInMs !== undefined && this.#watches) this.#lookAgain(againInMs);
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
    const now = monotonicMs();
    this.#editedAtMs ??= now;
    const waitMs = Math.min(DEBOUNCE_MS, Math.max(0, this.#editedAtMs + MAX_DEBOUNCE_MS - now));
    stopTimer(this.#timer);
    this.#timer = startTimer(waitMs, () => this.#reread());
  }

  /** What cannot be read now, for want of a file descriptor or of a right, may be later; nothing tells when. */
  #lookAgain(inMs: number): void {
    stopTimer(this.#again);
    this.#again = startTimer(inMs, () => this.#reread());
    this.#again.unref();
  }

  /** Called by timers. Large files are read first, and meanwhile what was last read counts. */
  #reread(): void {
    this.#editedAtMs = undefined;
    if (this.#reader !== undefined) this.#isEditedMeanwhile = true;
    else this.#take(() => this.#readOrBegin());
  }

  /** @returns undefined where large files have to be read first */
  #readOrBegin(): ResourceSet | undefined {
    const large = largeFiles(this.#paths).filter(file => !this.#once.has(file));
    if (large.length === 0) return this.#read();
    this.#reader = new ReadAhead(this.#unknownFields);
    void this.#readLarge(this.#reader, large);
    return undefined;
  }

  async #readLarge(reader: ReadAhead, files: readonly string[]): Promise<void> {
    const ahead = await reader.files(files, this.#loaded);
    await reader.close();
    this.#reader = undefined;
    if (this.#isClosed) return;
    if (this.#isEditedMeanwhile) this.#edited();
    this.#isEditedMeanwhile = false;
    this.#take(() => this.#read(ahead));
  }

  /** What reading throws is told as a problem, and tried again. */
  #take(read: () => ResourceSet | undefined): void {
    const before = this.#loaded;
    const problems = JSON.stringify(this.#problems);
    let set: ResourceSet | undefined;
    try {
      set = read();
    } catch (thrown) {
      const [file = STDIN_NAME] = this.#paths;
      const message = `reading manifests failed, and is tried again: ${toError(thrown).message}`;
      this.#problems = [{ severity: 'error', file, line: 1, column: 1, message }];
      this.#lookAgain(LOOK_AGAIN_MS);
      set = this.#set;
    }
    if (set === undefined) return;
    const same =
      before.size === this.#loaded.size &&
      [...this.#loaded].every(([file, each]) => before.get(file) === each) &&
      problems === JSON.stringify(this.#problems);
    if (same) return;
    this.#set = set;
    this.#listeners.call();
  }
}

function isOneOf(text: string, ...known: readonly (FileText | undefined)[]): boolean {
  return known.some(each => each?.text === text);
}

function isBelow(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
