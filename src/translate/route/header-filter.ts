import type { HTTPRoute } from '../../api/index.ts';
import type { HeaderMutation, HeaderValue } from '../../plan/index.ts';
import { NO_HEADER_MUTATION } from '../../plan/index.ts';
import { shown } from '../shown.ts';

type Filter = NonNullable<NonNullable<HTTPRoute['spec']['rules']>[number]['filters']>[number];
export type HeaderFilter = NonNullable<Filter['requestHeaderModifier']>;

/** What Envoy Gateway's HeaderValueRegexp accepts, in a form that does not backtrack. */
const HEADER_VALUE = /^[!-~]+([\t ][!-~]+)*$/;

/** RFC 9110 section 5.6.2, token. What is to be removed may be anything in the CRD. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * What says where a message ends and what becomes of its connection (RFC 9110 section 7.6.1, RFC 9112 section 6): whoever
 * could write these could hide one request in another. They are between the gateway and its neighbours, on each side.
 */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Adds a RequestHeaderModifier or ResponseHeaderModifier to what earlier ones of the rule ask for; of two that name one
 * header, the first counts. `errors` says, in Envoy Gateway's words, which header cannot be changed so.
 */
export function addHeaderFilter(
  before: HeaderMutation,
  filter: HeaderFilter,
  kind: 'RequestHeaderModifier' | 'ResponseHeaderModifier',
  errors: string[],
): HeaderMutation {
  const set: HeaderValue[] = [...before.set];
  const add: HeaderValue[] = [...before.add];
  const remove: string[] = [...before.remove];
  const taken = new Set([...set, ...add].map(header => header.name.toLowerCase()));
  const check = (name: string, verb: string, value?: string): boolean => {
    const error = headerError(kind, verb, name, value);
    if (error !== undefined) errors.push(error);
    return error === undefined;
  };
  const put = (into: HeaderValue[], verb: string, headers: readonly HeaderValue[] = []) => {
    for (const { name, value } of headers) {
      if (!check(name, verb, value) || taken.has(name.toLowerCase())) continue;
      taken.add(name.toLowerCase());
      into.push({ name, value });
    }
  };
  put(add, 'add', filter.add);
  put(set, 'set', filter.set);
  for (const name of filter.remove ?? []) {
    const known = remove.some(other => other.toLowerCase() === name.toLowerCase());
    if (check(name, 'remove') && !known) remove.push(name);
  }
  return set.length + add.length + remove.length === 0 ? NO_HEADER_MUTATION : { set, add, remove };
}

function headerError(
  kind: string,
  verb: string,
  name: string,
  value: string | undefined,
): string | undefined {
  if (name === '') return `${kind} Filter cannot ${verb} a header with an empty name`;
  if (name.includes('/') || name.includes(':') || name.toLowerCase() === 'host') {
    const hint =
      verb === 'remove' ? '' : ' To modify the Host header use the URLRewrite or the HTTPRouteFilter filter.';
    return `Header: "${name}". The ${kind} filter cannot ${verb} the Host header or headers with a '/' or ':' character in them.${hint}`;
  }
  if (!TOKEN.test(name)) return `${kind} Filter cannot ${verb} a header with an invalid name: ${shown(name)}`;
  if (FRAMING.has(name.toLowerCase()))
    return `Header: "${name}". The ${kind} filter cannot ${verb} headers that frame a message or its connection.`;
  if (value !== undefined && !HEADER_VALUE.test(value)) {
    return `Header: "${name}". ${kind} Filter cannot ${verb} a header with an invalid value.`;
  }
  return undefined;
}
