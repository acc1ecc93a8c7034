import { type DeleteResponse, type KindInfo, MAX_OBJECTS, type ObjectKey } from '../admin/wire.ts';
import { formatFinding } from '../control/findings.ts';
import { BreakwaterError } from '../kernel/breakwater-error.ts';
import { AdminClient, type ServerChoice } from './client/admin-client.ts';
import { fetchResources, resolveResources } from './client/resources.ts';
import { readManifests } from './manifests.ts';
import { objectName } from './print/printed-fields.ts';
import { printError, printOut } from './process/output.ts';
import { reportError } from './report-error.ts';
import { notFoundMessage } from './resource/named-kinds.ts';

export interface DeleteOptions extends ServerChoice {
  readonly filename: readonly string[];
  readonly namespace: string;
  readonly ignoreNotFound?: boolean;
}

/** `breakwater delete -f` and `breakwater delete KIND NAME`: gone until a manifest file that holds it is edited. */
export async function deleteObjects(args: readonly string[], options: DeleteOptions): Promise<void> {
  if (args.length > 0 === options.filename.length > 0)
    throw new BreakwaterError(
      'BW_USAGE',
      'expected either -f FILE or resources by name, as in `delete httproute NAME`',
    );
  const client = new AdminClient(options);
  const missing: BreakwaterError[] = [];
  const refs =
    args.length > 0 ? await named(client, args, options, missing) : await fromFiles(options.filename);
  const deleted: boolean[] = [];
  for (let at = 0; at < refs.length; at += MAX_OBJECTS) {
    const part = { refs: refs.slice(at, at + MAX_OBJECTS) };
    deleted.push(...(await client.post<DeleteResponse>('/v1/delete', part)).deleted);
  }
  const kinds = await client.get<KindInfo[]>('/v1/kinds');
  refs.forEach((ref, index) => {
    if (deleted[index] === true) printOut(`${quotedName(ref)} deleted\n`);
    else missing.push(notFound(ref, kinds));
  });
  if (options.ignoreNotFound !== true) for (const error of missing) reportError(error);
}

async function named(
  client: AdminClient,
  args: readonly string[],
  options: DeleteOptions,
  missing: BreakwaterError[],
): Promise<ObjectKey[]> {
  const query = await resolveResources(client, args, { namespace: options.namespace, allNamespaces: false });
  if (query.groups.some(group => group.name === undefined))
    throw new BreakwaterError('BW_USAGE', 'resource(s) were provided, but no name was specified');
  const found = await fetchResources(client, query);
  missing.push(...found.missing);
  return found.lists.flat().map(keyOf);
}

async function fromFiles(paths: readonly string[]): Promise<ObjectKey[]> {
  const { objects, findings } = await readManifests(paths);
  for (const finding of findings) {
    printError(`${formatFinding(finding)}\n`);
    if (finding.severity === 'error') process.exitCode = 1;
  }
  return objects.map(keyOf);
}

function keyOf(object: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}): ObjectKey {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** `gateway.gateway.networking.k8s.io "example-gateway"`, as kubectl prints what it deletes. */
function quotedName({ apiVersion, kind, name }: ObjectKey): string {
  const full = objectName({ apiVersion, kind, metadata: { name } });
  return `${full.slice(0, -name.length - 1)} "${name}"`;
}

function notFound({ apiVersion, kind, name }: ObjectKey, kinds: readonly KindInfo[]): BreakwaterError {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const info = kinds.find(candidate => candidate.kind === kind && candidate.group === group);
  return new BreakwaterError(
    'BW_NOT_FOUND',
    info === undefined ? `${kind} "${name}" not found` : notFoundMessage(info, name),
  );
}
