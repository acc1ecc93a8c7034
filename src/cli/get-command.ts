import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { AdminClient, type ServerChoice } from './client/admin-client.ts';
import { fetchResources, type ResourceQuery, resolveResources, selectorOf } from './client/resources.ts';
import {
  formatDocument,
  formatObjectTable,
  type OutputFormat,
  parseOutputFormat,
  unknownFormatMessage,
} from './print/objects.ts';
import { type Obj, objectName } from './print/printed-fields.ts';
import { printError, printOut } from './process/output.ts';
import { reportError } from './report-error.ts';

export interface GetOptions extends ServerChoice {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly output?: string;
  readonly selector?: string;
  readonly watch?: boolean;
  readonly headers: boolean;
  readonly showLabels?: boolean;
}

/** `breakwater get`: what runs, in kubectl's tables and formats. */
export async function get(args: readonly string[], options: GetOptions): Promise<void> {
  const format = parseOutputFormat(options.output);
  if (format === undefined) throw new BreakwaterError('BW_USAGE', unknownFormatMessage(options.output ?? ''));
  const client = new AdminClient(options);
  const query = await resolveResources(client, args, {
    namespace: options.namespace,
    allNamespaces: options.allNamespaces === true,
    selector: options.selector,
  });
  const { lists, missing, resourceVersion } = await fetchResources(client, query);
  printOut(await formatLists(lists, query, format, options));
  for (const error of missing) reportError(error);
  if (lists.every(list => list.length === 0) && missing.length === 0 && format.kind === 'table')
    printError(`${nothingFound(query)}\n`);
  if (options.watch === true) await watch(client, query, format, options, resourceVersion);
}

async function formatLists(
  lists: readonly (readonly Obj[])[],
  query: ResourceQuery,
  format: OutputFormat,
  options: GetOptions,
): Promise<string> {
  if (format.kind !== 'table') {
    const all = lists.flat();
    return all.length === 0 && query.single ? '' : await formatDocument(all, query.single, format);
  }
  // Objects of one kind that were asked for one by one share a table.
  const tables = [...Map.groupBy(lists.flat(), object => object.kind).values()];
  return tables.map(objects => table(objects, query, format, options, options.headers)).join('\n');
}

function table(
  objects: readonly Obj[],
  query: ResourceQuery,
  format: Extract<OutputFormat, { kind: 'table' }>,
  options: GetOptions,
  headers: boolean,
): string {
  return formatObjectTable(objects, format.wide, {
    nowMs: Date.now(),
    headers,
    namespaces: query.scope.allNamespaces,
    showLabels: options.showLabels === true,
    qualified: new Set(query.groups.flatMap(group => group.kinds.map(info => info.kind))).size > 1,
  });
}

function nothingFound({ groups, scope }: ResourceQuery): string {
  const namespaced = groups.some(group => group.kinds.some(info => info.namespaced));
  return scope.allNamespaces || !namespaced
    ? 'No resources found'
    : `No resources found in ${scope.namespace} namespace.`;
}

/** Follows what changes, as `kubectl get -w` does: a row or a document per change. */
async function watch(
  client: AdminClient,
  query: ResourceQuery,
  format: OutputFormat,
  options: GetOptions,
  since: number,
): Promise<void> {
  const selected = selectorOf(query.scope);
  let writing = Promise.resolve();
  await client.stream(`/v1/watch?since=${since}`, item => {
    const { object } = item as { object: Obj };
    if (!selected(object) || !isWanted(object, query)) return;
    writing = writing.then(async () => {
      printOut(
        format.kind === 'table'
          ? table([object], query, format, options, false)
          : await formatDocument([object], true, format),
      );
    });
  });
  await writing;
}

function isWanted(object: Obj, { groups, scope }: ResourceQuery): boolean {
  return groups.some(
    group =>
      (group.name === undefined || group.name === object.metadata.name) &&
      group.kinds.some(
        info =>
          objectName(object).startsWith(
            info.group === '' ? `${info.singular}/` : `${info.singular}.${info.group}/`,
          ) &&
          (!info.namespaced || scope.allNamespaces || object.metadata.namespace === scope.namespace),
      ),
  );
}
