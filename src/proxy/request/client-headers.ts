import type { HeaderMutation } from '../../plan/index.ts';
import { mutateHeaders } from '../../request/index.ts';
import { CONTENT_LENGTH, HOP_BY_HOP } from '../codec/connection-fields.ts';
import { dateField } from '../codec/date-field.ts';
import { isOurs } from '../codec/reserved-names.ts';
import type { ResponseHead } from '../codec/response-head.ts';

const DROPPED = new Set([...HOP_BY_HOP, 'x-request-id']);

/**
 * What a client gets of the headers of a model server's answer: name, value, …
 * @param extra to be added: name, value, …
 * @param changes by an external picker; they come after the filters
 */
export function clientHeaders(
  { status, headers: from, facts }: ResponseHead,
  requestId: string,
  extra: readonly string[],
  mutations: readonly HeaderMutation[],
  changes: HeaderMutation | undefined,
  nowMs: number,
): string[] {
  const headers: string[] = [];
  let date = false;
  for (let i = 0; i < from.length; i += 2) {
    const name = from[i] as string;
    if (DROPPED.has(name) || isOurs(name) || facts.connectionNames?.includes(name) === true) continue;
    // RFC 9110 section 8.6: no length with 204.
    if (status === 204 && name === CONTENT_LENGTH) continue;
    date ||= name === 'date';
    headers.push(name, from[i + 1] as string);
  }
  if (!date) headers.push('date', dateField(nowMs));
  headers.push('x-request-id', requestId, ...extra);
  for (const mutation of mutations) mutateHeaders(headers, mutation);
  if (changes !== undefined) mutateHeaders(headers, changes);
  return headers;
}
