import { findKind, type KnownKind, type KnownKinds } from './kinds.ts';
import type { KubeObject } from './kube-object.ts';
import { isOwnGroup } from './unserved-policy.ts';

/** Where an object is written. Lines and columns count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The place of a field, or of the nearest one above it that is written. */
  positionOf(path: readonly (string | number)[]): { line: number; column: number };
}

export interface ResourceEntry {
  readonly object: KubeObject;
  readonly origin?: Origin;
}

/** All objects at one moment; never changed. */
export interface ResourceSet {
  /** By namespace, then by name. */
  list<K extends KnownKind>(kind: K): readonly KnownKinds[K][];
  /** `namespace` is '' for kinds without one. */
  get<K extends KnownKind>(kind: K, namespace: string, name: string): KnownKinds[K] | undefined;
  /** Of every kind. */
  all(): readonly KubeObject[];
  originOf(object: KubeObject): Origin | undefined;
}

/** Of two entries for one object, the last counts. */
export function buildResourceSet(entries: readonly ResourceEntry[]): ResourceSet {
  const byKind = new Map<KnownKind, Map<string, ResourceEntry>>();
  for (const entry of entries) {
    const { apiVersion, kind, metadata } = entry.object;
    const id = kindOf(entry.object);
    if (id === undefined) continue;
    let objects = byKind.get(id);
    if (objects === undefined) byKind.set(id, (objects = new Map()));
    const key = objectKey(metadata.namespace, metadata.name);
    objects.set(id === 'OtherPolicy' ? `${key}\0${apiVersion} ${kind}` : key, entry);
  }
  const lists = new Map<KnownKind, readonly KubeObject[]>();
  const origins = new Map<KubeObject, Origin>();
  for (const [kind, objects] of byKind) {
    const sorted = [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
    lists.set(
      kind,
      sorted.map(entry => entry.object),
    );
    for (const { object, origin } of sorted) if (origin !== undefined) origins.set(object, origin);
  }
  const everything = [...lists.values()].flat();
  return {
    list: <K extends KnownKind>(kind: K) => (lists.get(kind) ?? []) as readonly KnownKinds[K][],
    get: <K extends KnownKind>(kind: K, namespace: string, name: string) =>
      byKind.get(kind)?.get(objectKey(namespace, name))?.object as KnownKinds[K] | undefined,
    all: () => everything,
    originOf: object => origins.get(object),
  };
}

function kindOf(object: KubeObject): KnownKind | undefined {
  if ('unreadable' in object) return 'OtherPolicy';
  const { apiVersion, kind } = object;
  return findKind(apiVersion, kind)?.id ?? (isOwnGroup(apiVersion) ? 'OtherPolicy' : undefined);
}

/** Sorts by namespace, then by name: NUL comes before every character of a name. */
function objectKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}\0${name}`;
}
