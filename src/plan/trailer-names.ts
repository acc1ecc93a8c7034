/** What no trailer may say: framing, routing, and what a gateway says itself (RFC 9110 section 6.5.1). */
export const NO_TRAILERS: readonly string[] = [
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'host',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'authorization',
  'x-request-id',
  'x-gateway-destination-endpoint',
];

/** Nor what has a name that begins so. */
export const NO_TRAILER_PREFIXES: readonly string[] = ['proxy-', 'x-forwarded-'];
