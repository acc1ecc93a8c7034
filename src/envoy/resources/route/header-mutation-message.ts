import type { MessageInitShape } from '@bufbuild/protobuf';
import type { HeaderMutation } from '../../../plan/index.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  type HeaderValueOptionSchema,
} from '../../gen/envoy/config/core/v3/base_pb.ts';

type HeaderOption = MessageInitShape<typeof HeaderValueOptionSchema>;

/** What is done to the headers of requests and responses. */
export interface HeaderChanges {
  readonly requestHeadersToAdd: HeaderOption[];
  readonly requestHeadersToRemove: string[];
  readonly responseHeadersToAdd: HeaderOption[];
  readonly responseHeadersToRemove: string[];
}

/** @param request in the order in which they act; @param response likewise */
export function headerChanges(
  request: readonly HeaderMutation[],
  response: readonly HeaderMutation[],
): HeaderChanges {
  const requestFates = [...fates(request)];
  const responseFates = [...fates(response)];
  return {
    requestHeadersToAdd: requestFates.flatMap(headersToAdd),
    requestHeadersToRemove: requestFates.filter(isGone).map(([name]) => name),
    responseHeadersToAdd: responseFates.flatMap(headersToAdd),
    responseHeadersToRemove: responseFates.filter(isGone).map(([name]) => name),
  };
}

/** What becomes of one header. */
interface Fate {
  /** What came is not kept. */
  replaced: boolean;
  values: string[];
}

/**
 * Envoy removes before it adds, and a backend's changes come before its route's; the Gateway API sets, adds, then removes,
 * the route's filters first. So they are put together here, header by header.
 */
function fates(mutations: readonly HeaderMutation[]): Map<string, Fate> {
  const all = new Map<string, Fate>();
  const of = (name: string): Fate => {
    const key = name.toLowerCase();
    let fate = all.get(key);
    if (fate === undefined) all.set(key, (fate = { replaced: false, values: [] }));
    return fate;
  };
  for (const { set, add, remove } of mutations) {
    for (const { name, value } of set) Object.assign(of(name), { replaced: true, values: [value] });
    for (const { name, value } of add) of(name).values.push(value);
    for (const name of remove) Object.assign(of(name), { replaced: true, values: [] });
  }
  return all;
}

function isGone([, { values }]: readonly [string, Fate]): boolean {
  return values.length === 0;
}

function headersToAdd([key, { replaced, values }]: readonly [string, Fate]): HeaderOption[] {
  return values.map((value, i) => ({
    header: { key, value: literal(value) },
    appendAction: replaced && i === 0 ? Append.OVERWRITE_IF_EXISTS_OR_ADD : Append.APPEND_IF_EXISTS_OR_ADD,
    keepEmptyValue: true,
  }));
}

/** Envoy takes `%…%` in a value for a command of its own; a manifest's value is meant as it stands. */
function literal(value: string): string {
  return value.replaceAll('%', '%%');
}
