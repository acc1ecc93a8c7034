/** Bodies in chunks (RFC 9112 section 7.1): between two that speak HTTP/1.1 they pass as they are. See `Framing`. */
export const CHUNKS = 'http/1.1 chunks';
