import { isDeepStrictEqual } from 'node:util';
import {
  type Condition,
  conditionsIn,
  hasOnlyConditions,
  isJson,
  type Json,
  timedConditions,
} from './conditions.ts';

/** The lists of a status in which each controller has entries of its own, and what a reference in them is called. */
export const SHARED_LISTS = {
  /** RouteStatus.parents, InferencePoolStatus.parents (v1). */
  parents: { ref: 'parentRef', max: 32 },
  /** InferencePoolStatus.parent of v1alpha2, without controllerName. */
  parent: { ref: 'parentRef', max: 32 },
  /** PolicyStatus.ancestors */
  ancestors: { ref: 'ancestorRef', max: 16 },
} as const;

export type SharedList = keyof typeof SHARED_LISTS;

/** Whose entries are whose. */
export interface Ownership {
  readonly controllerNames: readonly string[];
  /** Of an entry that does not say: by the Gateway that it is about. `nobody`: it is not there any more. */
  gatewayOwner(namespace: string, name: string): 'us' | 'other' | 'nobody';
  /** Names of GatewayClasses that another controller of the same name answers for as well. */
  readonly contested: ReadonlySet<string>;
  /** Whether a GatewayClass, Gateway or ListenerSet is of one of these: what is said of it is not ours. */
  isContested(kind: string, namespace: string, name: string): boolean;
}

export interface MergedEntries {
  readonly entries: readonly Json[];
  readonly changed: boolean;
  /** Wanted, but there is no room: "implementations MUST NOT add further entries" (Gateway API, PolicyStatus). */
  readonly leftOut: number;
}

/**
 * Our entries among those of others. They are keyed by controllerName and reference (Gateway API, RouteStatus: a controller
 * "MUST NOT remove or reorder" what is not its own); the lists are atomic for server-side apply, so that what is written is
 * the whole list. Entries keep their places, new ones come last.
 */
export function mergeEntries(
  list: SharedList,
  read: readonly Json[],
  wanted: readonly Json[],
  objectNamespace: string,
  owners: Ownership,
  now: string,
): MergedEntries {
  const { ref, max } = SHARED_LISTS[list];
  const left = new Map(
    wanted
      .filter(entry => !isContested(entry, ref, objectNamespace, owners))
      .map(entry => [refKey(entry[ref], objectNamespace, entry['controllerName']), entry]),
  );
  const entries: Json[] = [];
  let changed = false;
  for (const entry of read) {
    if (!isOurs(entry, ref, objectNamespace, owners)) {
      entries.push(entry);
      continue;
    }
    const key = [...keysOf(entry, ref, objectNamespace, owners)].find(each => left.has(each));
    const want = key === undefined ? undefined : left.get(key);
    if (key === undefined || want === undefined) {
      changed = true;
      continue;
    }
    left.delete(key);
    const next = timed(want, entry, now);
    const same = isSame(next, entry);
    entries.push(same ? entry : next);
    changed ||= !same;
  }
  const added = [...left.values()].slice(0, Math.max(0, max - entries.length));
  return {
    entries: [...entries, ...added.map(entry => timed(entry, undefined, now))],
    changed: changed || added.length > 0,
    leftOut: left.size - added.length,
  };
}

function isOurs(entry: Json, ref: string, objectNamespace: string, owners: Ownership): boolean {
  if (isContested(entry, ref, objectNamespace, owners)) return false;
  const { controllerName } = entry;
  if (typeof controllerName === 'string' && controllerName !== '')
    return owners.controllerNames.includes(controllerName);
  const { kind, namespace, name } = refOf(entry[ref], objectNamespace);
  // The default of the CRD of v1alpha2, until a controller has come: `{kind: Status, name: default}`.
  if (kind === 'Status') return true;
  return kind === 'Gateway' && owners.gatewayOwner(namespace, name) !== 'other';
}

function isContested(entry: Json, ref: string, objectNamespace: string, owners: Ownership): boolean {
  const { kind, namespace, name } = refOf(entry[ref], objectNamespace);
  return owners.isContested(kind, namespace, name);
}

/** An entry that says no controller may be any of ours: the CRD may be older than that field. */
function keysOf(entry: Json, ref: string, objectNamespace: string, owners: Ownership): string[] {
  const { controllerName } = entry;
  const names = controllerName === undefined ? [undefined, ...owners.controllerNames] : [controllerName];
  return names.map(name => refKey(entry[ref], objectNamespace, name));
}

function refKey(ref: unknown, objectNamespace: string, controllerName: unknown): string {
  return JSON.stringify([controllerName ?? '', ...Object.values(refOf(ref, objectNamespace))]);
}

/** Gateway API, ParentReference: defaults of its fields. */
function refOf(ref: unknown, objectNamespace: string) {
  const { group, kind, namespace, name, sectionName, port } = isJson(ref) ? ref : {};
  return {
    group: text(group) ?? 'gateway.networking.k8s.io',
    kind: text(kind) ?? 'Gateway',
    namespace: text(namespace) ?? objectNamespace,
    name: text(name) ?? '',
    sectionName: text(sectionName) ?? '',
    port: typeof port === 'number' ? port : 0,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function timed(wanted: Json, read: Json | undefined, now: string): Json {
  const conditions = timedConditions(conditionsIn(wanted['conditions']), read?.['conditions'], now);
  return { ...wanted, conditions };
}

function isSame(next: Json, read: Json): boolean {
  const { conditions, controllerName, ...rest } = next;
  const { conditions: readConditions, controllerName: readName, ...readRest } = read;
  return (
    (readName === undefined || readName === controllerName) &&
    isDeepStrictEqual(rest, readRest) &&
    hasOnlyConditions(readConditions, conditions as Condition[])
  );
}
