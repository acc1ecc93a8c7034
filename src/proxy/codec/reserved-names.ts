/**
 * Names of headers by which this gateway speaks: from a client or a model server they are not passed on, as they would be taken for
 * its own. `x-envoy-overloaded` and `x-envoy-ratelimited` say that the gateway refused (Envoy's router filter).
 * @param name in lower case
 */
export function isOurs(name: string): boolean {
  return name.startsWith('x-breakwater-') || name === 'x-envoy-overloaded' || name === 'x-envoy-ratelimited';
}

/** Fields that are for all recipients: no `connection` makes them hop-by-hop (RFC 9110 section 7.6.1). */
const END_TO_END: ReadonlySet<string> = new Set([
  'age',
  'allow',
  'authorization',
  'cache-control',
  'cookie',
  'date',
  'etag',
  'expires',
  'host',
  'last-modified',
  'location',
  'retry-after',
  'server',
  'set-cookie',
  'transfer-encoding',
  'vary',
  'www-authenticate',
  'x-request-id',
]);

/** @param name in lower case, of an option of `connection` */
export function isEndToEnd(name: string): boolean {
  return name.startsWith('content-') || END_TO_END.has(name);
}
