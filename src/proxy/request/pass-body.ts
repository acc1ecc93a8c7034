import type { RequestBody } from '../codec/request-body.ts';
import type { UpstreamStream } from '../codec/upstream-stream.ts';

/**
 * Passes on what has come of a body; when it has ended, its trailers and its end.
 * @returns false when the other side takes no more for now
 */
export function passBody(body: RequestBody, to: Pick<UpstreamStream, 'data' | 'trailers' | 'end'>): boolean {
  let flowing = true;
  for (const bytes of body.take()) if (bytes.length > 0) flowing = to.data(bytes);
  if (body.ended) {
    const { trailers } = body;
    if (trailers.length > 0) to.trailers(trailers);
    to.end();
  }
  return flowing;
}
