import type { FieldError } from './field-error.ts';
import { distanceOf } from './similar-field.ts';

/** Kinds that policies are about, each with its groups: where the group is misspelt, the nearest one was meant. */
const GROUPS_OF: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    Gateway: ['gateway.networking.k8s.io'],
    GatewayClass: ['gateway.networking.k8s.io'],
    ListenerSet: ['gateway.networking.k8s.io'],
    XListenerSet: ['gateway.networking.x-k8s.io'],
    HTTPRoute: ['gateway.networking.k8s.io'],
    GRPCRoute: ['gateway.networking.k8s.io'],
    TCPRoute: ['gateway.networking.k8s.io'],
    TLSRoute: ['gateway.networking.k8s.io'],
    UDPRoute: ['gateway.networking.k8s.io'],
    Service: [''],
    ServiceImport: ['multicluster.x-k8s.io'],
    Backend: ['gateway.envoyproxy.io'],
    InferencePool: ['inference.networking.k8s.io', 'inference.networking.x-k8s.io'],
  }),
);
const FIELDS = ['targetRef', 'targetRefs', 'targetSelectors'] as const;
type Field = (typeof FIELDS)[number];

/** Letters that may differ: of a kind and of a field's name, and of a group, which is longer and stands beside a kind of ours. */
const MAX_TYPING_ERRORS = 2;
const MAX_TYPING_ERRORS_OF_GROUP = 4;
/** What is longer is no typing error. */
const MAX_LENGTH = 64;
/** The core group is written as nothing; these are what people write instead. */
const CORE: ReadonlySet<string> = new Set(['', 'v1', 'core']);

type Json = Readonly<Record<string, unknown>>;

/**
 * What is wrong with how a policy says what it is about, where that can be told: a misspelt restriction would be on nothing, and
 * let everybody in.
 * @param isRequired that it must be about something is no rule of its schema
 */
export function targetErrors({ spec }: Json, isRequired: boolean): FieldError[] {
  if (!isJson(spec)) return [];
  const errors: FieldError[] = [];
  let isAboutSomething = false;
  for (const [name, value] of Object.entries(spec)) {
    const field = meantField(name);
    if (field === undefined || value === null) continue;
    isAboutSomething ||= !(Array.isArray(value) && value.length === 0);
    if (field !== name) {
      const message = `strict decoding error: unknown field "spec.${name}"; did you mean "${field}"?`;
      errors.push({ path: ['spec', name], message, type: 'unknown-field' });
    }
    listOf(value).forEach((target, index) => {
      const path = ['spec', name, ...(Array.isArray(value) ? [index] : [])];
      errors.push(...errorsOf(target, field, path));
    });
  }
  if (isRequired && !isAboutSomething) {
    const message =
      'spec: Required value: one of targetRef, targetRefs and targetSelectors; what this policy is about cannot be told';
    errors.push({ path: ['spec'], message, type: 'required' });
  }
  return errors;
}

/** What a policy is about, with the kinds and groups that were meant, not checked in any other way. */
export function meantTargets(spec: unknown): { targetRefs: unknown[]; targetSelectors: unknown[] } {
  const found = { targetRefs: [] as unknown[], targetSelectors: [] as unknown[] };
  for (const [name, value] of Object.entries(isJson(spec) ? spec : {})) {
    const field = meantField(name);
    if (field === undefined) continue;
    const list = field === 'targetSelectors' ? found.targetSelectors : found.targetRefs;
    for (const target of listOf(value)) list.push({ ...(target as Json), ...meantBy(target, field) });
  }
  return found;
}

function errorsOf(target: unknown, field: Field, path: FieldError['path']): FieldError[] {
  const meant = meantBy(target, field);
  if (meant === undefined) return [];
  return (['group', 'kind'] as const).flatMap(part => {
    const given = (target as Json)[part] ?? (part === 'group' ? groupOf(undefined, field) : undefined);
    if (given === meant[part]) return [];
    const name = `${path.reduce((all, each) => (typeof each === 'number' ? `${all}[${each}]` : `${all}.${each}`))}.${part}`;
    const message = `${name}: Unsupported value: ${JSON.stringify(given)}; did you mean "${meant[part]}"?`;
    return [{ path: [...path, part], message, type: 'not-supported' as const }];
  });
}

/** The group and kind of a target of ours, or of one that is nearly that; undefined: it is somebody else's. */
function meantBy(target: unknown, field: Field): { group: string; kind: string } | undefined {
  if (!isJson(target) || typeof target['kind'] !== 'string') return undefined;
  const group = groupOf(target['group'], field);
  const kind = meantKind(target['kind']);
  if (kind === undefined || group === undefined) return undefined;
  const groups = GROUPS_OF.get(kind)!;
  if (groups.includes(group)) return { group, kind };
  const written = group.split('/')[0]!.trim().toLowerCase();
  const nearest = groups.toSorted((a, b) => distanceOf(a, written) - distanceOf(b, written))[0]!;
  const isOurs =
    CORE.has(written) ||
    [...GROUPS_OF.values()].some(
      all =>
        all.includes(written) ||
        all.some(each => each !== '' && distanceOf(each, written) <= MAX_TYPING_ERRORS_OF_GROUP),
    );
  return isOurs ? { group: nearest, kind } : undefined;
}

/** Undefined where it is no group at all. References say none of the core group, selectors none of Gateway API's. */
function groupOf(group: unknown, field: Field): string | undefined {
  if (group === undefined || group === null)
    return field === 'targetSelectors' ? 'gateway.networking.k8s.io' : '';
  return typeof group === 'string' && group.length <= MAX_LENGTH ? group : undefined;
}

function meantKind(kind: string): string | undefined {
  return GROUPS_OF.has(kind) ? kind : nearestOf(kind, [...GROUPS_OF.keys()]);
}

function meantField(name: string): Field | undefined {
  return FIELDS.find(each => each === name) ?? nearestOf(name, FIELDS);
}

function nearestOf<T extends string>(name: string, all: readonly T[]): T | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const distance = (each: T) => distanceOf(each.toLowerCase(), name.trim().toLowerCase());
  const [nearest] = all.toSorted((a, b) => distance(a) - distance(b));
  return nearest !== undefined && distance(nearest) <= MAX_TYPING_ERRORS ? nearest : undefined;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : isJson(value) ? [value] : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
