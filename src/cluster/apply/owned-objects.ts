import { setMaxListeners } from 'node:events';
import { BREAKWATER, type KubeObject, MANAGED_BY } from '../../api/index.ts';
import { monotonicMs, type OnFault, RepeatedTask } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { callAtMs, type RawObject, type ReflectedStore, Reflector } from '../source/index.ts';
import { WRITTEN_KINDS, type WrittenKind } from './written-kinds.ts';

export interface OwnedObjectsOptions {
  readonly server: ApiServer;
  /** Names of kinds. */
  readonly kinds: readonly string[];
  /** All when empty. */
  readonly namespaces: readonly string[];
  /** Something is different. */
  readonly onChange: () => void;
  /** {@link onChange} threw: it is called again, slower each time. */
  readonly onFault: OnFault;
}

/** The objects of a cluster that say that Breakwater manages them, as the API server has them. */
export class OwnedObjects {
  readonly #reflectors: readonly Reflector<RawStore>[];
  readonly #abort = new AbortController();
  readonly #runs: readonly Promise<void>[];
  readonly #telling: RepeatedTask;
  /** On the monotonic clock. */
  #calledAtMs = Number.NEGATIVE_INFINITY;
  #waitFor: number;

  constructor({ server, kinds, namespaces, onChange, onFault }: OwnedObjectsOptions) {
    this.#telling = new RepeatedTask({ task: 'following what Gateways are made of', onFault }, () => {
      this.#calledAtMs = monotonicMs();
      onChange();
    });
    const events = {
      changed: () => this.#changed(),
      settled: () => {
        this.#waitFor--;
        this.#changed();
      },
    };
    const wanted = WRITTEN_KINDS.filter(({ kind }) => kinds.includes(kind));
    this.#reflectors = wanted.flatMap(kind =>
      (namespaces.length === 0 ? [undefined] : [...new Set(namespaces)]).map(
        namespace => new Reflector(server, readKind(kind), namespace, new RawStore(kind), events),
      ),
    );
    this.#waitFor = this.#reflectors.length;
    setMaxListeners(0, this.#abort.signal);
    this.#runs = this.#reflectors.map(reflector => reflector.run(this.#abort.signal));
  }

  /** All kinds were listed, or cannot be: until then, what is there may look as if it were not. */
  get isComplete(): boolean {
    return this.#waitFor === 0;
  }

  all(): KubeObject[] {
    return this.#reflectors.flatMap(({ store }) => [...store.objects.values()]);
  }

  /** Changes that come together are told of together. */
  #changed(): void {
    if (!this.isComplete || this.#abort.signal.aborted) return;
    const now = monotonicMs();
    this.#telling.soon(callAtMs(now, this.#calledAtMs) - now);
  }

  async close(): Promise<void> {
    this.#telling.stop();
    this.#abort.abort();
    await Promise.all(this.#runs);
  }
}

function readKind({ kind, apiVersion, plural }: WrittenKind) {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return {
    id: 'Owned' as const,
    kind,
    group,
    versions: [version],
    plural,
    namespaced: true,
    labelSelector: `${MANAGED_BY}=${BREAKWATER}`,
  };
}

class RawStore implements ReflectedStore {
  objects = new Map<string, KubeObject>();
  #fresh = new Map<string, KubeObject>();
  readonly #kind: WrittenKind;

  constructor(kind: WrittenKind) {
    this.#kind = kind;
  }

  beginList(): void {
    this.#fresh = new Map();
  }

  page(items: readonly RawObject[]): void {
    for (const item of items) this.#fresh.set(keyOf(item), this.#read(item));
  }

  endList(): boolean {
    this.objects = this.#fresh;
    this.#fresh = new Map();
    return true;
  }

  put(item: RawObject): boolean {
    const key = keyOf(item);
    const { resourceVersion } = this.objects.get(key)?.metadata ?? {};
    this.objects.set(key, this.#read(item));
    return resourceVersion !== item.metadata.resourceVersion;
  }

  delete(item: RawObject): boolean {
    return this.objects.delete(keyOf(item));
  }

  clear(): boolean {
    const had = this.objects.size > 0;
    this.objects = new Map();
    return had;
  }

  /** Lists do not say the kind of their items. */
  #read(item: RawObject): KubeObject {
    const { kind, apiVersion } = this.#kind;
    const { managedFields: _, ...metadata } = item.metadata;
    return { ...item, kind, apiVersion, metadata } as KubeObject;
  }
}

function keyOf({ metadata }: RawObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
