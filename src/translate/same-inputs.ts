import { type KubeObject, type ResourceSet, sameJson } from '../api/index.ts';

/** Groups of kinds whose statuses a translation makes, and does not read. */
const STATUS_MADE: ReadonlySet<string> = new Set([
  'gateway.networking.k8s.io',
  'gateway.envoyproxy.io',
  'inference.networking.k8s.io',
  'inference.networking.x-k8s.io',
]);

/**
 * Whether two sets translate to the same: they differ in nothing, or in what a translation does not read. That is the echo of
 * every status that is written.
 */
export function sameInputs(a: ResourceSet, b: ResourceSet): boolean {
  if (a === b) return true;
  const [ours, theirs] = [a.all(), b.all()];
  return ours.length === theirs.length && ours.every((object, index) => isSame(object, theirs[index]!));
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return a === b || sameJson(read(a), read(b));
}

function read(object: KubeObject): object {
  const { metadata, status, ...rest } = object;
  const { resourceVersion: _, ...own } = metadata;
  const group = rest.apiVersion.split('/')[0]!;
  return { metadata: own, ...rest, ...(STATUS_MADE.has(group) ? {} : { status }) };
}
