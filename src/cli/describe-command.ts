import type { EndpointView, LimitView } from '../admin/wire.ts';
import type { Finding } from '../control/findings.ts';
import type { WorkloadView } from '../control/workloads.ts';
import { AdminClient, type ServerChoice } from './client/admin-client.ts';
import { fetchResources, resolveResources } from './client/resources.ts';
import { formatDescription, type Section } from './print/printed-description.ts';
import type { Obj } from './print/printed-fields.ts';
import { endpointTable, limitTable } from './print/printed-usage.ts';
import { printError, printOut } from './process/output.ts';
import { reportError } from './report-error.ts';

export interface DescribeOptions extends ServerChoice {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
}

/** What the server knows besides the objects. */
interface Surroundings {
  readonly limits: readonly LimitView[];
  readonly endpoints: readonly EndpointView[];
  readonly workloads: readonly WorkloadView[];
  readonly findings: readonly Finding[];
}

/** `breakwater describe`: an object, and what it means here and now. */
export async function describe(args: readonly string[], options: DescribeOptions): Promise<void> {
  const client = new AdminClient(options);
  const query = await resolveResources(client, args, {
    namespace: options.namespace,
    allNamespaces: options.allNamespaces === true,
    selector: options.selector,
  });
  const [{ lists, missing }, limits, endpoints, workloads, findings] = await Promise.all([
    fetchResources(client, query),
    client.get<LimitView[]>('/v1/limits'),
    client.get<EndpointView[]>('/v1/endpoints'),
    client.get<WorkloadView[]>('/v1/workloads'),
    client.get<Finding[]>('/v1/findings'),
  ]);
  const around = { limits, endpoints, workloads, findings };
  const objects = lists.flat();
  const texts = objects.map(object => formatDescription(object, sectionsOf(object, around), Date.now()));
  printOut(texts.join('\n\n'));
  for (const error of missing) reportError(error);
  if (objects.length === 0 && missing.length === 0)
    printError(
      options.allNamespaces === true
        ? 'No resources found\n'
        : `No resources found in ${options.namespace} namespace.\n`,
    );
}

function sectionsOf(object: Obj, around: Surroundings): Section[] {
  const name = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
  const limits = around.limits.filter(limit => concerns(limit, object.kind, name));
  const endpoints =
    object.kind === 'InferencePool' ? around.endpoints.filter(each => each.pool === name) : [];
  const workload = around.workloads.find(
    each => each.kind === object.kind && `${each.namespace}/${each.name}` === name,
  );
  const title = `${object.kind} ${object.metadata.namespace === undefined ? object.metadata.name : name}`;
  const findings = around.findings.filter(finding => finding.object === title);
  return [
    { title: 'Limits in use', lines: limitTable(limits) },
    { title: 'Endpoints', lines: endpointTable(endpoints) },
    { title: 'On this machine', lines: workload === undefined ? [] : workloadLines(workload) },
    { title: 'Problems', lines: findings.map(finding => `${finding.severity}: ${finding.message}`) },
  ].filter(section => section.lines.length > 0);
}

function concerns(limit: LimitView, kind: string, name: string): boolean {
  switch (kind) {
    case 'BackendTrafficPolicy':
      return limit.policy === name;
    case 'HTTPRoute':
      return limit.scope.startsWith(`httproute/${name}/`);
    case 'InferencePool':
      return limit.scope === `inferencepool/${name}`;
    default:
      return false;
  }
}

function workloadLines({ what, addresses, reason, unknownFlags }: WorkloadView): string[] {
  return [
    `${what}: ${reason}`,
    ...addresses.map(address => `  ${address}`),
    ...(unknownFlags.length === 0 ? [] : [`flags without a meaning here: ${unknownFlags.join(' ')}`]),
  ];
}
