import { makesResponse, ResponseIdReader } from '../../dialect/index.ts';
import type { RequestHeaders, ResponseHeaders } from './message.ts';

/**
 * What looks for the id of a response that an endpoint makes and keeps, in its body as it passes; undefined where there is none. Streams
 * are not looked at: each of their pieces would be a message.
 */
export function madeResponse(
  { status, contentLength }: ResponseHeaders,
  { method, target }: Pick<RequestHeaders, 'method' | 'target'>,
): ResponseIdReader | undefined {
  if (status < 200 || status > 299 || contentLength <= 0) return undefined;
  return makesResponse(method, target.split('?', 1)[0] as string) ? new ResponseIdReader() : undefined;
}
