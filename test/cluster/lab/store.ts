import { KubeConfig, Watch } from '@kubernetes/client-node';
import { peerTakes } from '../../support/peer-takes.ts';
import type { LabObject, Objects } from './objects.ts';

/** An object as the API server gives it. */
export interface Stored extends LabObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly [field: string]: unknown;
  };
}

export interface StoreListener<T> {
  readonly see?: (object: T) => void;
  readonly gone?: (object: T) => void;
}

/** All objects of a collection, kept up to date by list and watch. An API server that is away is asked again. */
export class Store<T extends Stored> {
  readonly #objects: Objects;
  readonly #path: string;
  readonly #config = new KubeConfig();
  readonly #listener: StoreListener<T>;
  readonly #byName = new Map<string, T>();
  readonly #abort = new AbortController();
  readonly #listed = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #changes = 0;

  /** @param path of the collection, of all namespaces: `/api/v1/pods` */
  constructor(objects: Objects, kubeconfig: string, path: string, listener: StoreListener<T> = {}) {
    this.#objects = objects;
    this.#path = path;
    this.#config.loadFromFile(kubeconfig);
    this.#listener = listener;
    this.#running = this.#follow();
  }

  /** Once everything was listed for the first time. */
  get listed(): Promise<void> {
    return this.#listed.promise;
  }

  /** Another number whenever something changed. */
  get changes(): number {
    return this.#changes;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#byName.get(`${namespace}/${name}`);
  }

  list(): readonly T[] {
    return [...this.#byName.values()];
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#listed.resolve();
    await this.#running;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const { items, metadata } = (await this.#objects.ask('GET', this.#path)) as List<T>;
        for (const item of items) this.#see(item);
        const uids = new Set(items.map(item => item.metadata.uid));
        for (const known of this.list()) if (!uids.has(known.metadata.uid)) this.#gone(known);
        this.#listed.resolve();
        await this.#watch(metadata.resourceVersion, signal);
      } catch {
        // The API server was stopped by a test, or the watch was too old.
      }
      await peerTakes(200, signal);
    }
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const each = (type: string, object: T) => {
      if (type === 'ADDED' || type === 'MODIFIED') this.#see(object);
      else if (type === 'DELETED') this.#gone(object);
      else if (type === 'ERROR') resolve();
    };
    const query = { resourceVersion, allowWatchBookmarks: false };
    const controller = await new Watch(this.#config).watch(this.#path, query, each, () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
    await promise;
    controller.abort();
  }

  #see(object: T): void {
    const key = keyOf(object);
    const before = this.#byName.get(key);
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) this.#gone(before);
    this.#byName.set(key, object);
    this.#changes++;
    this.#listener.see?.(object);
  }

  #gone(object: T): void {
    const key = keyOf(object);
    // Another one of its name may be there by now.
    if (this.#byName.get(key)?.metadata.uid === object.metadata.uid) this.#byName.delete(key);
    this.#changes++;
    this.#listener.gone?.(object);
  }
}

interface List<T> {
  readonly items: readonly T[];
  readonly metadata: { readonly resourceVersion: string };
}

function keyOf({ metadata }: Stored): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
