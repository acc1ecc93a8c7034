import { setMaxListeners } from 'node:events';
import {
  buildResourceSet,
  KINDS,
  type KnownKind,
  type ResourceEntry,
  type ResourceSet,
} from '../../api/index.ts';
import { monotonicMs, startTimer, stopTimer, type Timer } from '../../kernel/index.ts';
import { Listeners, type Source, type SourceProblem } from '../../source/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { callAtMs } from './coalesce.ts';
import { KindStore } from './kind-store.ts';
import { collectionPath } from './paths.ts';
import { Reflector } from './reflector.ts';
import type { RefusedObject } from './refused-object.ts';

export interface ClusterSourceOptions {
  readonly server: ApiServer;
  /** Namespaces whose objects are read; all when empty. Kinds without a namespace are read in any case. */
  readonly namespaces?: readonly string[];
  /** By their names in KINDS; all by default. */
  readonly kinds?: readonly (typeof KINDS)[number]['id'][];
  /** Gives up waiting for the first lists. */
  readonly signal?: AbortSignal;
  /** Told of what the first lists wait for, at each change of it. */
  readonly onWaiting?: (problems: readonly SourceProblem[]) => void;
}

/** A source that may be kept from reading some kinds. */
export interface ClusterSource extends Source {
  /**
   * Kinds that must not be read now: of those there may be other objects than the ones that are given, and where they could not be
   * read since the start none are.
   */
  unreadable(): readonly KnownKind[];
  /** Objects that cannot be read: the first {@link MAX_REFUSED}. */
  refused(): readonly RefusedObject[];
  /** Who has written the status of a GatewayClass. */
  statusManagers(className: string): readonly string[];
}

/** Beyond so many, problems are only counted: whoever prints or serves them should be able to. */
const MAX_PROBLEMS = 500;
const MAX_REFUSED = 500;

/**
 * Objects of an API server. Resolves once all kinds were listed, so that what was there before a restart is never taken for
 * gone; a kind that is not served, or must not be read, holds nothing up. While the API server is away the last state counts.
 */
export async function clusterSource(options: ClusterSourceOptions): Promise<ClusterSource> {
  const source = new ReflectedSource(options);
  try {
    await source.settled(options.signal, options.onWaiting);
  } catch (error) {
    await source.close();
    throw error;
  }
  return source;
}

class ReflectedSource implements ClusterSource {
  readonly #reflectors: readonly Reflector<KindStore>[];
  readonly #listeners = new Listeners();
  readonly #abort = new AbortController();
  readonly #runs: readonly Promise<void>[];
  #waitFor: number;
  #whenSettled = Promise.withResolvers<void>();
  #onWaiting: ClusterSourceOptions['onWaiting'] | undefined;
  #set: ResourceSet = buildResourceSet([]);
  #problems: readonly SourceProblem[] = [];
  #unreadable: readonly KnownKind[] = [];
  #timer: Timer | undefined;
  /** On the monotonic clock. */
  #calledAtMs = Number.NEGATIVE_INFINITY;

  constructor({ server, namespaces = [], kinds }: ClusterSourceOptions) {
    const events = { changed: () => this.#changed(), settled: () => this.#oneSettled() };
    const read = kinds === undefined ? KINDS : KINDS.filter(({ id }) => kinds.includes(id));
    this.#reflectors = read.flatMap(kind =>
      (kind.namespaced && namespaces.length > 0 ? [...new Set(namespaces)] : [undefined]).map(
        namespace => new Reflector(server, kind, namespace, new KindStore(kind), events),
      ),
    );
    this.#waitFor = this.#reflectors.length;
    if (this.#waitFor === 0) this.#whenSettled.resolve();
    setMaxListeners(0, this.#abort.signal);
    this.#runs = this.#reflectors.map(reflector => reflector.run(this.#abort.signal));
  }

  current(): ResourceSet {
    return this.#set;
  }

  problems(): readonly SourceProblem[] {
    return this.#problems;
  }

  unreadable(): readonly KnownKind[] {
    return this.#unreadable;
  }

  statusManagers(className: string): readonly string[] {
    return this.#reflectors.flatMap(({ kind, store }) =>
      kind.kind === 'GatewayClass' ? store.statusManagers(className) : [],
    );
  }

  refused(): readonly RefusedObject[] {
    const refused: RefusedObject[] = [];
    // Those that do not count first: they are what is missed.
    for (const counting of [false, true])
      for (const { store } of this.#reflectors)
        for (const each of store.refused()) {
          if ((each.counts === 'known-fields') !== counting) continue;
          if (refused.length === MAX_REFUSED) return refused;
          refused.push(each);
        }
    return refused;
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    stopTimer(this.#timer);
    await Promise.all(this.#runs);
  }

  async settled(
    signal: AbortSignal | undefined,
    onWaiting: ClusterSourceOptions['onWaiting'],
  ): Promise<void> {
    this.#onWaiting = onWaiting;
    const stop = () => this.#whenSettled.reject(signal?.reason);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    await this.#whenSettled.promise.finally(() => signal?.removeEventListener('abort', stop));
    this.#onWaiting = undefined;
    stopTimer(this.#timer);
    this.#timer = undefined;
    this.#build();
  }

  #oneSettled(): void {
    if (--this.#waitFor === 0) this.#whenSettled.resolve();
  }

  #changed(): void {
    if (this.#timer !== undefined || this.#abort.signal.aborted) return;
    const now = monotonicMs();
    this.#timer = startTimer(callAtMs(now, this.#calledAtMs) - now, () => this.#call());
  }

  #call(): void {
    this.#timer = undefined;
    this.#calledAtMs = monotonicMs();
    if (this.#waitFor > 0) {
      this.#onWaiting?.(this.#collectProblems());
      return;
    }
    this.#build();
    this.#listeners.call();
  }

  #build(): void {
    const entries: ResourceEntry[] = [];
    for (const { store } of this.#reflectors) for (const object of store.objects()) entries.push({ object });
    this.#set = buildResourceSet(entries);
    this.#problems = this.#collectProblems();
    const forbidden = this.#reflectors.filter(({ trouble }) => trouble?.kind === 'forbidden');
    this.#unreadable = [
      ...new Set(forbidden.flatMap(({ kind: { id } }) => (id === 'Lease' || id === 'Owned' ? [] : [id]))),
    ];
  }

  #collectProblems(): SourceProblem[] {
    const problems = this.#reflectors.flatMap(reflector => troubleOf(reflector) ?? []);
    let more = 0;
    for (const { store } of this.#reflectors) {
      for (const problem of store.problems()) {
        if (problems.length < MAX_PROBLEMS) problems.push(problem);
        else more++;
      }
    }
    if (more > 0)
      problems.push({
        severity: 'warning',
        file: '',
        line: 1,
        column: 1,
        message: `and ${more} more problems`,
      });
    return problems;
  }
}

/** What keeps a kind from being read. */
function troubleOf({ trouble, kind, namespace }: Reflector): SourceProblem | undefined {
  // One that is not served is no problem; one whose place in the history is forgotten is listed again at once.
  if (trouble === undefined || trouble.kind === 'not-found' || trouble.kind === 'expired') return undefined;
  const file = collectionPath(kind, kind.versions[0]!, namespace, {}).replace(/\?.*/, '');
  const what = `${kind.kind}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
  const place = { severity: 'error', file, line: 1, column: 1 } as const;
  switch (trouble.kind) {
    case 'forbidden':
      return {
        ...place,
        message: `${what} cannot be read, its last objects count: ${trouble.message}; the controller needs the verbs list and watch for ${kind.plural}${kind.group === '' ? '' : `.${kind.group}`}`,
      };
    case 'unreachable':
    case 'refused':
    case 'too-large':
      return { ...place, message: `${what} cannot be read now, its last objects count: ${trouble.message}` };
  }
}
