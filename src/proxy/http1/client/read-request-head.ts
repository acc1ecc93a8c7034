import { isMisdirected } from '../../../request/index.ts';
import type { RequestContext } from '../../request-context.ts';
import { type Http1RequestHead, parseRequestHead } from '../http1-request-head.ts';
import { HttpSyntaxError } from '../syntax-error.ts';

/**
 * A request's head, good for the connection that it came on.
 * @param serverName of the TLS handshake; undefined without TLS
 * @throws HttpSyntaxError
 */
export function readRequestHead(
  text: string,
  context: RequestContext,
  serverName: string | undefined,
): Http1RequestHead {
  const head = parseRequestHead(text, context.bounds.maxHeaders);
  if (serverName !== undefined && isMisdirected(context.hosts, serverName, head.authority))
    throw new HttpSyntaxError('HTTP_MISDIRECTED', 421, 'another host was named in the TLS handshake');
  return head;
}
