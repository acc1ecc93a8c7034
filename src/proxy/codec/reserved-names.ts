/**
 * Names of headers by which this gateway speaks: from a client or a model server they are not passed on, as they would be taken for
 * its own. `x-envoy-overloaded` and `x-envoy-ratelimited` say that the gateway refused (Envoy's router filter).
 * @param name in lower case
 */
export function isOurs(name: string): boolean {
  return name.startsWith('x-breakwater-') || name === 'x-envoy-overloaded' || name === 'x-envoy-ratelimited';
}
