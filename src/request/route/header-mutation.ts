import type { HeaderMutation } from '../../plan/index.ts';

/**
 * Changes a flat list (name in lower case, value, …) in place: set, then add, then remove, as
 * HTTPHeaderFilter says. Names are sent in lower case, as Envoy does.
 */
export function mutateHeaders(headers: string[], mutation: HeaderMutation): void {
  for (const { name, value } of mutation.set) {
    removeHeader(headers, name.toLowerCase());
    headers.push(name.toLowerCase(), value);
  }
  for (const { name, value } of mutation.add) headers.push(name.toLowerCase(), value);
  for (const name of mutation.remove) removeHeader(headers, name.toLowerCase());
}

function removeHeader(headers: string[], name: string): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) if (headers[i] === name) headers.splice(i, 2);
}
