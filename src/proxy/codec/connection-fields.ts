/**
 * Fields that are for one hop (RFC 9110 section 7.6.1), and those by which codecs frame a message: a codec writes its own, nobody else
 * passes them on. Names in lower case.
 */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
];

/** Of requests besides: framing, what is said of one hop's body, and what waits for it. */
export const REQUEST_FRAMING: readonly string[] = ['content-length', 'expect', 'trailer'];

/** How long the content is, in bytes; the same field in every protocol (RFC 9110 section 8.6). */
export const CONTENT_LENGTH = 'content-length';
