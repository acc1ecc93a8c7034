/**
 * Parts of objects, by kind, in which a field that is not known may narrow down what its neighbours let in: without it a route
 * would match more, a listener would ask for less, a pool would have other Pods, a grant would permit more.
 */
const RESTRICTING_PARTS: Readonly<Record<string, readonly string[]>> = {
  Gateway: ['tls', 'allowedRoutes', 'allowedListeners'],
  ListenerSet: ['tls', 'allowedRoutes'],
  HTTPRoute: ['matches', 'filters'],
  ReferenceGrant: ['spec'],
  InferencePool: ['selector'],
  Backend: ['tls', 'endpoints'],
};

/** May a field that is not known, of an object that an API server has taken, restrict? */
export function mayRestrict(kind: string, path: readonly (string | number)[]): boolean {
  const parts = RESTRICTING_PARTS[kind] ?? [];
  return path.slice(0, -1).some(part => typeof part === 'string' && parts.includes(part));
}
