import { type KubeObject, sameJson } from '../api/index.ts';
import { mergeStatus } from './status-transitions.ts';

/** An object as an API server would show it: with uid, generation, resourceVersion, creationTimestamp and status. */
export interface StoredObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: StoredMetadata;
  readonly spec?: unknown;
  readonly status?: unknown;
}

interface StoredMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly generation?: number | undefined;
}

/** As in a watch of the Kubernetes API. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: StoredObject;
}

/** A desired object with the status that was worked out for it. */
export interface Desired {
  readonly object: KubeObject;
  readonly status?: Readonly<Record<string, unknown>>;
}

interface Entry {
  readonly stored: StoredObject;
  readonly want: Desired;
  /** JSON of what the entry was made from: equal text, nothing changed. */
  readonly source: string;
  /** JSON of the spec. */
  readonly spec: string;
}

export type ObjectFilter = { readonly kind?: string; readonly group?: string; readonly namespace?: string };

/** The objects of the last cycle, with what an API server adds to them. */
export class ObjectStore {
  readonly #now: () => Date;
  readonly #newUid: () => string;
  readonly #listeners = new Set<(events: readonly WatchEvent[]) => void>();
  #entries = new Map<string, Entry>();
  #version = 0;

  constructor(now: () => Date, newUid: () => string) {
    this.#now = now;
    this.#newUid = newUid;
  }

  get resourceVersion(): string {
    return String(this.#version);
  }

  /** Objects in the order of the last {@link replace}. */
  list(filter: ObjectFilter = {}): StoredObject[] {
    return [...this.#entries.values()]
      .map(entry => entry.stored)
      .filter(
        object =>
          (filter.kind === undefined || object.kind === filter.kind) &&
          (filter.group === undefined || groupOf(object.apiVersion) === filter.group) &&
          (filter.namespace === undefined || object.metadata.namespace === filter.namespace),
      );
  }

  /** Takes over a whole new state; what is not in it is deleted. */
  replace(desired: readonly Desired[]): WatchEvent[] {
    const events: WatchEvent[] = [];
    const entries = new Map<string, Entry>();
    for (const want of desired) {
      const key = keyOf(want.object);
      const before = this.#entries.get(key);
      const entry = this.#entry(want, before);
      entries.set(key, entry);
      if (before === undefined) events.push({ type: 'ADDED', object: entry.stored });
      else if (entry.stored !== before.stored) events.push({ type: 'MODIFIED', object: entry.stored });
    }
    for (const [key, entry] of this.#entries)
      if (!entries.has(key)) events.push({ type: 'DELETED', object: entry.stored });
    this.#entries = entries;
    if (events.length > 0) for (const listener of this.#listeners) listener(events);
    return events;
  }

  /** Returns what ends the subscription. */
  onChange(listener: (events: readonly WatchEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #entry(want: Desired, before: Entry | undefined): Entry {
    const { object, status } = want;
    // Of thousands of objects one has changed.
    if (before?.want.object === object && sameJson(before.want.status, status)) return before;
    const spec = JSON.stringify(object.spec) ?? '';
    const generation =
      before === undefined ? 1 : (before.stored.metadata.generation ?? 1) + Number(before.spec !== spec);
    const now = this.#now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
    const withStatus =
      status === undefined
        ? object
        : {
            ...object,
            status: mergeStatus(
              before?.stored.status,
              { ...asRecord(object.status), ...status },
              { now, generation },
            ),
          };
    const source = JSON.stringify(withStatus);
    if (before?.source === source) return { ...before, want };
    this.#version++;
    const { name, namespace, ...metadata } = withoutCopies(object.metadata);
    return {
      want,
      source,
      spec,
      stored: {
        ...withStatus,
        metadata: {
          name,
          ...(namespace === undefined ? {} : { namespace }),
          ...metadata,
          uid: before?.stored.metadata.uid ?? metadata.uid ?? this.#newUid(),
          creationTimestamp: before?.stored.metadata.creationTimestamp ?? metadata.creationTimestamp ?? now,
          ...(spec === '' ? {} : { generation }),
          resourceVersion: String(this.#version),
        },
      },
    };
  }
}

/** In which kubectl keeps the whole object, the data of a Secret too. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Without what repeats the object or names its writers: it would leave by every list and watch, and says nothing. */
function withoutCopies(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const { managedFields: _, ...rest } = metadata as KubeObject['metadata'] & { managedFields?: unknown };
  const { annotations } = rest;
  if (annotations === undefined || !Object.hasOwn(annotations, LAST_APPLIED)) return rest;
  const { [LAST_APPLIED]: __, ...others } = annotations;
  return { ...rest, annotations: others };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Of objects, which never change: each cycle asks for those of all. */
const keys = new WeakMap<KubeObject, string>();

/** {@link storeKey} of an object. */
export function keyOf(object: KubeObject): string {
  let key = keys.get(object);
  if (key === undefined) {
    const { apiVersion, kind, metadata } = object;
    key = storeKey(apiVersion, kind, metadata.namespace, metadata.name);
    keys.set(object, key);
  }
  return key;
}

/** `GROUP/KIND/NAMESPACE/NAME`: versions of one group are one object. */
export function storeKey(
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
): string {
  return `${groupOf(apiVersion)}/${kind}/${namespace ?? ''}/${name}`;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
