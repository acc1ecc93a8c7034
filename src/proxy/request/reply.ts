import type { HeaderMutation } from '../../plan/index.ts';
import { FAULT_REPLY, type LocalReply, mutateHeaders } from '../../request/index.ts';
import type { ClientStream } from '../codec/client-stream.ts';
import { CONTENT_LENGTH } from '../codec/connection-fields.ts';
import { dateField } from '../codec/date-field.ts';

/**
 * The headers that an answer of ours is sent with: name, value, …
 * @param bodyBytes of its body
 * @param extra more of them: name, value, …
 * @param mutations of the route and its backend: they act on our own answers too, as Envoy's do
 */
export function replyHeaders(
  reply: LocalReply,
  bodyBytes: number,
  requestId: string,
  extra: readonly string[],
  mutations: readonly HeaderMutation[],
  nowMs: number,
): string[] {
  const headers = [
    ...reply.headers,
    ...extra,
    CONTENT_LENGTH,
    String(bodyBytes),
    'date',
    dateField(nowMs),
    'x-request-id',
    requestId,
  ];
  for (const mutation of mutations) mutateHeaders(headers, mutation);
  return headers;
}

/** @param body undefined: a HEAD request gets none */
export function sendReply(
  client: ClientStream,
  status: number,
  headers: readonly string[],
  body: Buffer | undefined,
): void {
  const hasBody = body !== undefined && body.length > 0;
  client.head(status, '', headers, hasBody ? 'length' : 'none', undefined);
  if (hasBody) client.data(body);
  client.end();
}

/** The answer to a request that something of ours threw in; without the filters of its route, one of which may be what throws. */
export function sendFault(client: ClientStream, requestId: string, withBody: boolean, nowMs: number): void {
  const body = Buffer.from(FAULT_REPLY.body);
  const headers = replyHeaders(FAULT_REPLY, body.length, requestId, [], [], nowMs);
  sendReply(client, FAULT_REPLY.status, headers, withBody ? body : undefined);
}
