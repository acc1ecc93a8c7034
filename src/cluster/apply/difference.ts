import { createHash } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/** An object as it is applied: whole. */
export interface WantedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** An object as the API server has it. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
    readonly deletionTimestamp?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly status?: unknown;
}

/** What was applied last, as a hash: a field that is no longer wanted shows in nothing else. */
const APPLIED = 'breakwater.dev/applied';

/** The object with the hash of itself. */
export function sealed(wanted: WantedObject): WantedObject {
  const { metadata } = wanted;
  const hash = createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 16);
  return { ...wanted, metadata: { ...metadata, annotations: { ...metadata.annotations, [APPLIED]: hash } } };
}

/** @param wanted with its hash */
export function isApplied(wanted: WantedObject, live: LiveObject): boolean {
  return hashIn(wanted) === hashIn(live) && covers(live, wanted);
}

export function hashIn({ metadata }: WantedObject | LiveObject): string | undefined {
  return metadata.annotations?.[APPLIED];
}

/**
 * Whether all that is wanted is there: API servers add to it. Lists are compared item by item; what is empty need not be there.
 */
export function covers(live: unknown, wanted: unknown): boolean {
  if (live === wanted) return true;
  if (Array.isArray(wanted))
    return wanted.length === 0
      ? live === undefined || live === null || (Array.isArray(live) && live.length === 0)
      : Array.isArray(live) &&
          live.length === wanted.length &&
          wanted.every((item, index) => covers(live[index], item));
  if (!isJson(wanted)) return false;
  const there = isJson(live) ? live : {};
  return Object.entries(wanted).every(([key, value]) => value === undefined || covers(there[key], value));
}

/** All of an object that writing it can change: not its status, nor what the API server counts. */
export function writtenPart(live: LiveObject): Json {
  const { status: _, metadata, ...rest } = live;
  const { resourceVersion: _1, generation: _2, managedFields: _3, ...kept } = metadata as Json;
  return { ...rest, metadata: kept };
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
