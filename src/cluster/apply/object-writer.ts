import { BREAKWATER, MANAGED_BY } from '../../api/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { Failures, refusalIn } from '../write/failures.ts';
import { WritePump } from '../write/write-pump.ts';
import { WRITE_QUEUE, type WriteQueueOptions } from '../write/write-queue.ts';
import {
  covers,
  hashIn,
  isApplied,
  type LiveObject,
  sealed,
  type WantedObject,
  writtenPart,
} from './difference.ts';
import { collectionOf } from './written-kinds.ts';

export interface ObjectWriterOptions {
  readonly server: Pick<ApiServer, 'request'>;
  /** Of server-side apply: the same for all replicas, and after a restart. */
  readonly fieldManager: string;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  /** Why an object cannot be written: once for each reason. */
  readonly onProblem: (message: string) => void;
  readonly queue?: WriteQueueOptions;
}

/** All that there is, and all that there should be. */
export interface WantedState {
  /** Objects that we have written, as far as they are known. */
  readonly live: Iterable<LiveObject>;
  readonly wanted: Iterable<WantedObject>;
  /** Of the live ones, those that are to go. */
  readonly unwanted: Iterable<LiveObject>;
}

interface Item {
  readonly live: LiveObject | undefined;
  /** With the hash of itself; undefined: it is to go. */
  readonly wanted: WantedObject | undefined;
  /** {@link wanted} as it was given. */
  readonly given?: WantedObject;
}

/** What an API server answered to a write. */
interface Written {
  /** resourceVersion that was shown when it was written. */
  readonly basis: string | undefined;
  readonly object: LiveObject | undefined;
  /** Hash of what was applied, and what it came to: an API server may have other words for it (`1000m` becomes `1`). */
  readonly hash: string | undefined;
  readonly cameTo: unknown;
  /** What was shown since is not what was written over any more: from then on, it counts. */
  isShown: boolean;
}

/**
 * Makes objects of a cluster what they should be, by server-side apply: only where they are not, one write at a time to an
 * object. A write that fails is tried again with what is wanted then. Only objects that were written here are written over.
 */
export class ObjectWriter {
  readonly #options: ObjectWriterOptions;
  readonly #pump: WritePump;
  readonly #failures: Failures;
  readonly #written = new Map<string, Written>();
  #items = new Map<string, Item>();
  #applied = 0;
  #deleted = 0;
  #conflicts = 0;

  constructor(options: ObjectWriterOptions) {
    this.#options = options;
    this.#failures = new Failures((key, message) =>
      options.onProblem(`${key} cannot be written: ${message}`),
    );
    this.#pump = new WritePump({
      queue: options.queue ?? WRITE_QUEUE,
      mayWrite: options.mayWrite,
      write: (key, signal) => this.#write(key, signal),
      isDue: key => this.#isDue(key),
      onFault: (key, { message }) => this.#failures.add(key, message),
    });
  }

  want({ live, wanted, unwanted }: WantedState): void {
    const before = this.#items;
    const known = new Map<string, LiveObject>();
    for (const object of live) known.set(keyOf(object), object);
    this.#items = new Map();
    for (const object of unwanted) this.#items.set(keyOf(object), { live: object, wanted: undefined });
    for (const object of wanted) {
      const key = keyOf(object);
      const was = before.get(key);
      const wanted = was?.given === object ? was.wanted : sealed(object);
      this.#items.set(key, { live: known.get(key), wanted, given: object });
    }
    for (const [key, written] of this.#written)
      if (known.get(key)?.metadata.resourceVersion !== written.basis) written.isShown = true;
    for (const key of before.keys()) {
      if (this.#items.has(key)) continue;
      this.#pump.remove(key);
      this.#failures.clear(key);
      this.#written.delete(key);
    }
    this.resume();
  }

  /** Looks through all objects: after it may write again. */
  resume(): void {
    this.#pump.resume(this.#items.keys());
  }

  get counts() {
    return {
      applied: this.#applied,
      deleted: this.#deleted,
      conflicts: this.#conflicts,
      failed: this.#failures.count,
    };
  }

  /** Objects that are not what they should be. */
  get waiting(): number {
    return this.#pump.waiting;
  }

  close(): void {
    this.#pump.close();
  }

  #isDue(key: string): boolean {
    const item = this.#items.get(key);
    if (item === undefined) return false;
    const live = this.#newest(key, item);
    if (item.wanted === undefined) return live !== undefined && live.metadata.deletionTimestamp === undefined;
    if (live === undefined) return true;
    if (isApplied(item.wanted, live)) return false;
    const written = this.#written.get(key);
    return written?.hash !== hashIn(item.wanted) || !covers(live, written?.cameTo);
  }

  /** What is shown lags behind our own writes: until it is newer than what was written over, the answer counts. */
  #newest(key: string, { live }: Item): LiveObject | undefined {
    const written = this.#written.get(key);
    if (written === undefined || written.isShown) return live;
    return written.basis === live?.metadata.resourceVersion ? written.object : live;
  }

  /** Whether it is to be tried again. */
  async #write(key: string, signal: AbortSignal): Promise<boolean> {
    const item = this.#items.get(key);
    if (item === undefined || !this.#isDue(key)) return false;
    const live = this.#newest(key, item);
    try {
      return item.wanted === undefined
        ? await this.#delete(key, item, live, signal)
        : await this.#apply(key, item, item.wanted, live, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#failures.add(key, error instanceof Error ? error.message : String(error));
      return true;
    }
  }

  async #apply(
    key: string,
    item: Item,
    wanted: WantedObject,
    live: LiveObject | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { name, namespace } = wanted.metadata;
    const collection = collectionOf(wanted.kind, namespace);
    if (live === undefined && (await this.#isThere(collection, name, signal))) {
      this.#failures.add(key, 'there is one already that somebody else has made');
      return true;
    }
    const { uid, resourceVersion } = live?.metadata ?? {};
    // Of the object that was seen: it fails if that was changed or made anew since, or if somebody else leads by now.
    const metadata = { ...wanted.metadata, ...(live === undefined ? {} : { uid, resourceVersion }) };
    const query = new URLSearchParams({ fieldManager: this.#options.fieldManager, force: 'true' });
    const { status, body } = await this.#options.server.request('PATCH', `${collection}/${name}?${query}`, {
      body: { ...wanted, metadata },
      contentType: 'application/apply-patch+yaml',
      signal,
    });
    if (status === 200 || status === 201) {
      this.#applied++;
      this.#failures.clear(key);
      const object = body as LiveObject;
      this.#written.set(key, {
        basis: item.live?.metadata.resourceVersion,
        object,
        hash: hashIn(wanted),
        cameTo: writtenPart(object),
        isShown: false,
      });
      return false;
    }
    return this.#refused(key, status, body);
  }

  async #delete(
    key: string,
    item: Item,
    live: LiveObject | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (live === undefined) return false;
    const { name, namespace = '', uid } = live.metadata;
    const { status, body } = await this.#options.server.request(
      'DELETE',
      `${collectionOf(live.kind, namespace)}/${name}`,
      { body: { propagationPolicy: 'Background', preconditions: { uid } }, signal },
    );
    if (status < 300 || status === 404) {
      this.#deleted++;
      this.#failures.clear(key);
      const basis = item.live?.metadata.resourceVersion;
      this.#written.set(key, {
        basis,
        object: undefined,
        hash: undefined,
        cameTo: undefined,
        isShown: false,
      });
      return false;
    }
    return this.#refused(key, status, body);
  }

  /** Apply would take over an object that others have made, and what is seen here is ours alone. */
  async #isThere(collection: string, name: string, signal: AbortSignal): Promise<boolean> {
    const query = new URLSearchParams({ fieldSelector: `metadata.name=${name}` });
    const { status, body } = await this.#options.server.request('GET', `${collection}?${query}`, { signal });
    if (status !== 200) throw new Error(refusalIn(status, body));
    const { items } = body as { readonly items?: readonly LiveObject[] | null };
    return (items ?? []).some(({ metadata }) => metadata.labels?.[MANAGED_BY] !== BREAKWATER);
  }

  #refused(key: string, status: number, body: unknown): boolean {
    if (status === 409) this.#conflicts++;
    else this.#failures.add(key, refusalIn(status, body));
    return true;
  }
}

function keyOf({ kind, metadata }: LiveObject | WantedObject): string {
  return `${kind} ${metadata.namespace}/${metadata.name}`;
}
