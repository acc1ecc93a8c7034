import type { RequestBody } from './request-body.ts';

/** Where a body is written to. */
export interface BodySink {
  /** @returns false when it takes no more for now */
  write(bytes: Buffer | string): boolean;
}

/**
 * Passes on what has come of a body, in chunks (RFC 9112 section 7.1) where its length is not known; its last chunk and trailers
 * when it has ended.
 * @returns false when the other side takes no more for now
 */
export function passBody(body: RequestBody, to: BodySink): boolean {
  const chunked = body.declaredLength === -1;
  let flowing = true;
  for (const bytes of body.take()) {
    if (bytes.length === 0) continue;
    if (chunked) to.write(`${bytes.length.toString(16)}\r\n`);
    flowing = to.write(bytes);
    if (chunked) flowing = to.write('\r\n');
  }
  if (chunked && body.ended) to.write(`0\r\n${body.trailers}\r\n`);
  return flowing;
}
