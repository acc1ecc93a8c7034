import type { KindInfo, ObjectList } from '../../admin/wire.ts';
import { BreakwaterError } from '../../kernel/breakwater-error.ts';
import type { Obj } from '../print/printed-fields.ts';
import { parseResourceArguments } from '../resource/arguments.ts';
import { findKinds, notFoundMessage } from '../resource/named-kinds.ts';
import { parseSelector } from '../resource/selector.ts';
import type { AdminClient } from './admin-client.ts';

export interface ResourceScope {
  readonly namespace: string;
  readonly allNamespaces: boolean;
  /** A label selector. */
  readonly selector?: string | undefined;
}

/** What was asked for, resolved to kinds: whole lists, or objects by name. */
export interface ResourceQuery {
  readonly groups: readonly { readonly kinds: readonly KindInfo[]; readonly name?: string }[];
  /** One object was asked for by its name: documents are bare, not a List. */
  readonly single: boolean;
  readonly scope: ResourceScope;
}

/** @throws BreakwaterError BW_USAGE, BW_UNKNOWN_KIND */
export async function resolveResources(
  client: AdminClient,
  args: readonly string[],
  scope: ResourceScope,
): Promise<ResourceQuery> {
  const parsed = parseResourceArguments(args);
  if (typeof parsed === 'string') throw new BreakwaterError('BW_USAGE', parsed);
  if (parsed.form === 'named' && scope.selector !== undefined)
    throw new BreakwaterError('BW_USAGE', 'name cannot be provided when a selector is specified');
  if (parsed.form === 'named' && scope.allNamespaces)
    throw new BreakwaterError('BW_USAGE', 'a resource cannot be retrieved by name across all namespaces');
  const kinds = await client.get<KindInfo[]>('/v1/kinds');
  const known = (type: string) => {
    const found = findKinds(type, kinds);
    if (found.length === 0)
      throw new BreakwaterError('BW_UNKNOWN_KIND', `the server doesn't have a resource type "${type}"`);
    return found;
  };
  const groups =
    parsed.form === 'list'
      ? parsed.types.flatMap(type => byKindName(known(type)).map(each => ({ kinds: each })))
      : parsed.refs.map(ref => ({ kinds: known(ref.type), name: ref.name }));
  return { groups, single: parsed.form === 'named' && groups.length === 1, scope };
}

/** A kind that two API groups have is one table: their columns are the same. */
function byKindName(kinds: readonly KindInfo[]): KindInfo[][] {
  return [...Map.groupBy(kinds, info => info.kind).values()];
}

export interface Found {
  /** One list per kind that was asked for, in that order. */
  readonly lists: readonly (readonly Obj[])[];
  /** Objects that were asked for by name and are not there. */
  readonly missing: readonly BreakwaterError[];
  /** A watch from here on misses nothing. */
  readonly resourceVersion: number;
}

export async function fetchResources(client: AdminClient, query: ResourceQuery): Promise<Found> {
  const lists: Obj[][] = [];
  const missing: BreakwaterError[] = [];
  let resourceVersion = Number.POSITIVE_INFINITY;
  for (const { kinds, name } of query.groups) {
    const answers = await Promise.all(kinds.map(info => fetchKind(client, info, query.scope)));
    for (const { version } of answers) resourceVersion = Math.min(resourceVersion, version);
    const all = answers.flatMap(answer => answer.objects);
    if (name === undefined) lists.push(all);
    else {
      const object = all.find(candidate => candidate.metadata.name === name);
      if (object === undefined)
        missing.push(new BreakwaterError('BW_NOT_FOUND', notFoundMessage(kinds[0]!, name)));
      else lists.push([object]);
    }
  }
  return { lists, missing, resourceVersion };
}

async function fetchKind(
  client: AdminClient,
  info: KindInfo,
  scope: ResourceScope,
): Promise<{ objects: Obj[]; version: number }> {
  const list = await client.get<ObjectList>(objectsPath(info, scope));
  const matches = selectorOf(scope);
  const objects = (list.items as readonly unknown[] as readonly Obj[]).filter(matches);
  return { objects, version: Number(list.metadata.resourceVersion) };
}

function objectsPath(info: KindInfo, scope: ResourceScope): string {
  const query = new URLSearchParams({ kind: info.kind, group: info.group });
  if (info.namespaced && !scope.allNamespaces) query.set('namespace', scope.namespace);
  return `/v1/objects?${query}`;
}

/** Whether an object belongs to the scope's label selector. */
export function selectorOf(scope: ResourceScope): (object: Obj) => boolean {
  if (scope.selector === undefined) return () => true;
  const matches = parseSelector(scope.selector);
  if (matches === undefined)
    throw new BreakwaterError('BW_USAGE', `unable to parse the label selector "${scope.selector}"`);
  return object => matches(object.metadata['labels'] as Record<string, string> | undefined);
}
