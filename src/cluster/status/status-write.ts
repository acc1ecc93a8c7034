import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../api/index.ts';
import {
  type Condition,
  conditionsIn,
  hasConditions,
  hasOnlyConditions,
  isJson,
  type Json,
  listIn,
  timedConditions,
} from './conditions.ts';
import { mergeEntries, type Ownership, SHARED_LISTS, type SharedList } from './shared-entries.ts';

/** The body of a server-side apply to the status subresource. */
export interface StatusWrite {
  readonly body: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      /**
       * Those of the object that was read: the write fails with a conflict if the object has changed or was made anew. Lists
       * that others share are written whole, and a leader that was deposed without knowing must not write at all.
       */
      readonly resourceVersion?: string;
      readonly uid?: string;
    };
    readonly status: Json;
  };
}

/** How the status of an object differs from what it should be. */
export interface StatusDifference {
  /** Undefined: nothing is to be written. */
  readonly write: StatusWrite | undefined;
  /** Entries for which the list of the API has no room. */
  readonly leftOut: number;
}

/**
 * What is to be written so that an object has a status.
 * @param wanted conditions without lastTransitionTime; undefined where we have nothing to say (any more) of the object
 * @param nowMs wall clock
 */
export function statusDifference(
  object: KubeObject,
  wanted: Json | undefined,
  owners: Ownership,
  nowMs: number,
): StatusDifference {
  const read = isJson(object.status) ? object.status : {};
  const now = new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const namespace = object.metadata.namespace ?? '';
  const status: Record<string, unknown> = {};
  let changed = false;
  let leftOut = 0;
  const fields = wanted ?? ownEntriesOf(read);
  for (const [field, value] of Object.entries(fields)) {
    if (isShared(field)) {
      const merged = mergeEntries(field, listIn(read[field]), listIn(value), namespace, owners, now);
      status[field] = merged.entries;
      changed ||= merged.changed;
      leftOut += merged.leftOut;
    } else if (field === 'conditions') {
      const timed = timedConditions(conditionsIn(value), read[field], now);
      status[field] = timed;
      changed ||= !hasConditions(read[field], timed);
    } else if (field === 'listeners') {
      const listeners = timedListeners(listIn(value), listIn(read[field]), now);
      status[field] = listeners;
      changed ||= !hasListeners(listIn(read[field]), listeners);
    } else {
      status[field] = value;
      changed ||= !isDeepStrictEqual(read[field], value);
    }
  }
  // Apply removes what was applied before and is not any more: of the Gateway's own fields, these come and go.
  if (wanted !== undefined && 'listeners' in wanted)
    changed ||= COME_AND_GO.some(field => !(field in wanted) && hasValue(read[field]));
  return { write: changed ? { body: applyBody(object, status) } : undefined, leftOut };
}

const COME_AND_GO = ['addresses', 'attachedListenerSets'];

function hasValue(field: unknown): boolean {
  return Array.isArray(field) ? field.length > 0 : field !== undefined;
}

/** An object of which nothing is to be said loses our entries, and nothing else. */
function ownEntriesOf(read: Json): Json {
  return Object.fromEntries(Object.keys(read).flatMap(field => (isShared(field) ? [[field, []]] : [])));
}

function isShared(field: string): field is SharedList {
  return Object.hasOwn(SHARED_LISTS, field);
}

/** GatewayStatus.listeners, ListenerSetStatus.listeners: keyed by name. */
function timedListeners(wanted: readonly Json[], read: readonly Json[], now: string): Json[] {
  const before = byName(read);
  return wanted.map(listener => ({
    ...listener,
    conditions: timedConditions(
      conditionsIn(listener['conditions']),
      before.get(listener['name'])?.['conditions'],
      now,
    ),
  }));
}

function hasListeners(read: readonly Json[], timed: readonly Json[]): boolean {
  const before = byName(read);
  return (
    before.size === timed.length &&
    timed.every(({ conditions, ...rest }) => {
      const { conditions: readConditions, ...readRest } = before.get(rest['name']) ?? {};
      return (
        isDeepStrictEqual(rest, readRest) && hasOnlyConditions(readConditions, conditions as Condition[])
      );
    })
  );
}

function byName(list: readonly Json[]): Map<unknown, Json> {
  return new Map(list.map(each => [each['name'], each]));
}

function applyBody({ apiVersion, kind, metadata }: KubeObject, status: Json): StatusWrite['body'] {
  const { name, namespace, resourceVersion, uid } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(uid === undefined ? {} : { uid }),
    },
    status,
  };
}
