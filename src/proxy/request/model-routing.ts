import { routedModel } from '../../request/index.ts';
import type { RequestHead } from '../codec/request-head.ts';
import { knownBytes } from './body-rule.ts';
import type { Dispatched } from './dispatched.ts';

/** What becomes of a request whose route depends on the model that its body asks for. */
export type ModelReading =
  /** The headers say it, where it is known. */
  | 'read'
  /** More of the body must come. */
  | 'unread'
  /** The client is told why. */
  | 'refused';

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
export function readModel(request: Dispatched): ModelReading {
  const { context, head, body, life } = request;
  const { bounds, hosts } = context;
  if (body.starved) life.starves();
  const toCome = body.length === 0 ? Math.max(0, body.declaredLength) : 0;
  if (body.starved || life.bodyIs(knownBytes(body), toCome, bounds.maxBodyBytes) === 'reply')
    return 'refused';
  if (!body.ended) return 'unread';
  const model = routedModel(body.peek(), request);
  if (model === undefined) return 'read';
  life.asksFor(model);
  for (const name of hosts.modelHeaders) head.headers.push(name, model);
  return 'read';
}
