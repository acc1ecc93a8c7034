import { asked, modelHeaderValue } from '../../dialect/index.ts';
import { keptText } from '../../kernel/index.ts';
import {
  headerValue,
  type LocalReply,
  NO_ROOM,
  noRoomReply,
  TOO_LARGE,
  TOO_LARGE_REPLY,
} from '../../request/index.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { Dispatched } from './dispatch.ts';
import type { RequestBody } from './request-body.ts';

/** What becomes of a request whose route depends on the model that its body asks for. */
export type ModelReading =
  /** The headers say it, where it is known. */
  | 'read'
  /** More of the body must come. */
  | 'unread'
  | { readonly reply: LocalReply; readonly reason: string };

/** What a client says of its model in headers does not count, where routes match on them. @param names in lower case */
export function forgetModelHeaders({ headers, facts }: RequestHead, names: readonly string[]): void {
  if (names.length === 0) return;
  let to = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (names.includes(headers[i] as string)) continue;
    headers[to++] = headers[i] as string;
    headers[to++] = headers[i + 1] as string;
  }
  headers.length = to;
  // Ours is not the client's to make hop-by-hop.
  facts.connectionNames = facts.connectionNames?.filter(name => !names.includes(name));
}

/** Reads the model of a body that has come, within the bounds that hold for requests to pools. */
export function readModel({ context, head, body, decision }: Dispatched): ModelReading {
  const { bounds, bodies, hosts } = context;
  if (Math.max(body.declaredLength, body.length) > bounds.maxBodyBytes)
    return { reply: TOO_LARGE_REPLY, reason: TOO_LARGE };
  if (body.starved || (body.length === 0 && !bodies.hasRoom(Math.max(0, body.declaredLength))))
    return { reply: noRoomReply(bodies), reason: NO_ROOM };
  if (!body.ended) return 'unread';
  const model = modelHeaderValue(modelIn(head, body));
  if (model === undefined) return 'read';
  decision.model = keptText(model);
  for (const name of hosts.modelHeaders) head.headers.push(name, model);
  return 'read';
}

function modelIn({ headers }: RequestHead, body: RequestBody): string {
  if (body.length === 0) return '';
  return asked(body.peek(), {
    contentType: headerValue(headers, 'content-type'),
    contentEncoding: headerValue(headers, 'content-encoding'),
  }).model;
}
