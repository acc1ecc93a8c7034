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
