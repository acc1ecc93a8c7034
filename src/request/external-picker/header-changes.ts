import type { HeaderMutation, HeaderValue } from '../../plan/index.ts';
import { DESTINATION, type HeaderChange, type HeaderChanges } from './processing-response.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Framing and routing are not the picker's (external_processor.proto, HeaderMutation.set_headers), nor are our own names. */
const NOT_CHANGED: ReadonlySet<string> = new Set([
  DESTINATION,
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'x-request-id',
]);

/**
 * What a picker's answer does to the headers of a request or of its response.
 * @param present name (lower case), value, … of it
 * @returns undefined when one of them cannot be sent
 */
export function mutationOf(
  all: readonly HeaderChanges[],
  present: readonly string[],
): HeaderMutation | undefined {
  const set: HeaderValue[] = [];
  const add: HeaderValue[] = [];
  const remove: string[] = [];
  const isPresent = (name: string) => present.some((other, i) => i % 2 === 0 && other === name);
  for (const changes of all) {
    for (const change of changes.set) {
      const { name, value, action } = change;
      if (isKept(name)) continue;
      if (!isField(change)) return undefined;
      if (action === 'append') add.push({ name, value });
      else if (action === 'set' || (action === 'set-if-exists') === isPresent(name))
        set.push({ name, value });
    }
    for (const name of changes.remove) if (!isKept(name)) remove.push(name);
  }
  return { set, add, remove };
}

/** An answer's own headers: name, value, …; undefined when one of them cannot be sent. */
export function replyHeaders({ set }: HeaderChanges): string[] | undefined {
  const headers: string[] = [];
  for (const change of set) {
    if (change.name.startsWith(':') || NOT_CHANGED.has(change.name)) continue;
    if (!isField(change)) return undefined;
    headers.push(change.name, change.value);
  }
  return headers;
}

function isKept(name: string): boolean {
  return (
    name.startsWith(':') ||
    name.startsWith('x-envoy-') ||
    name.startsWith('x-breakwater-') ||
    NOT_CHANGED.has(name)
  );
}

function isField({ name, value }: HeaderChange): boolean {
  return TOKEN.test(name) && FIELD_VALUE.test(value);
}
