import { z } from 'zod';
import { labelSelector } from './common-schemas.ts';
import { kubeObject } from './kube-object.ts';
import { meantTargets } from './meant-target.ts';
import { distanceOf } from './similar-field.ts';

/** The API groups whose kinds are about what we serve: what is not understood in them is not harmless. */
const OWN_GROUPS: ReadonlySet<string> = new Set([
  'gateway.networking.k8s.io',
  'gateway.envoyproxy.io',
  'inference.networking.k8s.io',
  'inference.networking.x-k8s.io',
  'aigateway.envoyproxy.io',
]);

const target = z.looseObject({
  group: z.string().default(''),
  kind: z.string(),
  name: z.string(),
  sectionName: z.string().optional(),
});

const selector = z.looseObject({
  group: z.string().optional(),
  kind: z.string(),
  matchLabels: labelSelector.shape.matchLabels,
  matchExpressions: labelSelector.shape.matchExpressions,
  namespaces: z
    .looseObject({
      from: z.enum(['All', 'Selector', 'Same']).default('Same'),
      selector: labelSelector.optional(),
    })
    .optional(),
});

/** What every policy says of the objects that it is about (Gateway API, GEP-713). */
const targets = {
  targetRef: target.optional(),
  targetRefs: z.array(target).optional(),
  targetSelectors: z.array(selector).optional(),
};

/**
 * A policy of which only the targets are read: of a kind that Breakwater does not serve, or one that cannot be read. What it
 * asks for may be a restriction, so that nobody may reach its targets as if it were not there.
 */
export const unservedPolicySchema = kubeObject({ spec: z.looseObject(targets) });

/** `unreadable`: of a kind that is served; the object breaks its schema. */
export type UnservedPolicy = z.input<typeof unservedPolicySchema> & {
  readonly unreadable?: readonly string[];
};

/** Kinds of our groups that are not served and restrict nothing: what they would add is not there. */
const ADDING: ReadonlySet<string> = new Set([
  'GRPCRoute',
  'TLSRoute',
  'TCPRoute',
  'UDPRoute',
  'HTTPRouteFilter',
  'EnvoyGateway',
  'InferencePoolImport',
  'InferenceModelRewrite',
  'AIGatewayRoute',
  'AIServiceBackend',
  'BackendSecurityPolicy',
  'GatewayConfig',
  'MCPRoute',
]);

/** Kinds that are served and restrict what they are about. */
export function isPolicyKind(kind: string): boolean {
  return kind === 'BackendTrafficPolicy' || kind === 'BackendTLSPolicy';
}

/** Is an object of a kind that is not known harmless? It is where it is about nothing of ours, or only adds to it. */
export function onlyAdds(apiVersion: string, kind: string): boolean {
  return !isOwnGroup(apiVersion) || ADDING.has(kind);
}

/** An object of none of the groups: where a kind of ours is in none, its apiVersion has lost the group. */
export function hasNoGroup(apiVersion: string): boolean {
  return groupOf(apiVersion) === '';
}

/** Does the object say of which other objects it is a policy? */
export function hasTargets(raw: Json): boolean {
  const { spec } = raw;
  return (
    isJson(spec) && Object.keys(targets).some(field => spec[field] !== undefined && spec[field] !== null)
  );
}

/** What a policy that cannot be read is about, as far as that can be told; undefined where it has not even a name. */
export function unreadablePolicy(raw: Json, messages: readonly string[]): UnservedPolicy | undefined {
  const { apiVersion, kind, metadata, spec } = raw;
  if (!isJson(metadata) || typeof metadata['name'] !== 'string') return undefined;
  const { targetRefs, targetSelectors } = meantTargets(spec);
  const name = metadata['name'];
  const namespace = metadata['namespace'] ?? 'default';
  const readable: Json = {
    apiVersion,
    kind,
    metadata: { ...metadata, namespace, labels: undefined, annotations: undefined },
    spec: {
      targetRefs: readableOf(target, targetRefs),
      targetSelectors: readableOf(selector, targetSelectors),
    },
  };
  // A name that is no name is one to show all the same.
  const shown = { ...readable, metadata: { name, namespace: String(namespace) } };
  const result = unservedPolicySchema.safeParse(readable);
  return { ...((result.success ? result.data : shown) as UnservedPolicy), unreadable: messages };
}

function readableOf(schema: z.ZodType, list: readonly unknown[]): unknown[] {
  return list.flatMap(each => {
    const result = schema.safeParse(each);
    return result.success ? [result.data] : [];
  });
}

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Kinds of a group whose name is nearly one of ours are ours, misspelt: a policy of it was to restrict something. */
export function isOwnGroup(apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  return OWN_GROUPS.has(group) || misspelt(group) !== undefined;
}

/** The group that was meant by one that is nearly one of ours. */
export function meantGroup(apiVersion: string): string | undefined {
  const group = groupOf(apiVersion);
  return OWN_GROUPS.has(group) ? undefined : misspelt(group);
}

/** Not ours, and nearly: the Gateway API's experiments. */
const NEIGHBOURS: ReadonlySet<string> = new Set(['gateway.networking.x-k8s.io']);
const MAX_TYPING_ERRORS = 3;

function misspelt(group: string): string | undefined {
  if (group.length < 12 || group.length > 64 || NEIGHBOURS.has(group)) return undefined;
  for (const own of OWN_GROUPS)
    if (
      Math.abs(own.length - group.length) <= MAX_TYPING_ERRORS &&
      distanceOf(own, group) <= MAX_TYPING_ERRORS
    )
      return own;
  return undefined;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
