import { CLUSTER_KINDS } from '../api/index.ts';
import type { InstallOptions } from './install-options.ts';

/** rbac/v1 PolicyRule */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

type Plane = InstallOptions['plane'];

const GATEWAY = 'gateway.networking.k8s.io';
const READ = ['list', 'watch'];
/** Server-side apply: what is not there needs `create` as well. */
const APPLY = ['create', 'patch'];

/** For kinds without a namespace: what they are read by, and the statuses of classes. */
export function clusterRules(): PolicyRule[] {
  return [...readRules(false), rule(GATEWAY, ['gatewayclasses/status'], ['patch'])];
}

/** For the namespaces whose objects are read. */
export function namespaceRules(): PolicyRule[] {
  return [...readRules(true), ...STATUS_RULES, EVENT_RULE];
}

/** Events on objects; those of a class live in `default`. */
const EVENT_RULE = rule('events.k8s.io', ['events'], APPLY);

/** For the controller's own namespace. */
export function ownRules(plane: Plane): PolicyRule[] {
  // Who leads, which replicas there are, and which of them holds the permits of a pool.
  const leases = rule('coordination.k8s.io', ['leases'], ['get', ...READ, ...APPLY, 'delete']);
  // Certificates, which all replicas share: src/cluster/certificates.
  const certificates = rule('', ['secrets'], ['get', 'create', 'update']);
  return plane === 'envoy' ? [leases, certificates] : [leases];
}

const STATUS_RULES: readonly PolicyRule[] = [
  rule(
    GATEWAY,
    ['gateways/status', 'listenersets/status', 'httproutes/status', 'backendtlspolicies/status'],
    ['patch'],
  ),
  rule('inference.networking.k8s.io', ['inferencepools/status'], ['patch']),
  rule('inference.networking.x-k8s.io', ['inferencepools/status', 'inferencemodels/status'], ['patch']),
  rule(
    'gateway.envoyproxy.io',
    [
      'backendtrafficpolicies/status',
      'securitypolicies/status',
      'clienttrafficpolicies/status',
      'envoyextensionpolicies/status',
      'envoypatchpolicies/status',
    ],
    ['patch'],
  ),
];

/** For the namespaces that Gateways are served in: what they are made of, see src/cluster/infrastructure. */
export function infrastructureRules(plane: Plane): PolicyRule[] {
  const owned = [...READ, ...APPLY, 'delete'];
  // Kinds that are read in any case.
  const read = [...APPLY, 'delete'];
  const left = [...READ, 'delete'];
  // What the other plane had made, where the installation had that before: it is found and removed.
  if (plane === 'embedded')
    return [
      rule('', ['services'], read),
      rule('discovery.k8s.io', ['endpointslices'], read),
      rule('', ['secrets', 'configmaps', 'endpoints'], ['delete']),
      rule('', ['serviceaccounts'], left),
      rule('apps', ['deployments'], ['delete']),
      rule('apps', ['daemonsets'], left),
      rule('autoscaling', ['horizontalpodautoscalers'], left),
      rule('policy', ['poddisruptionbudgets'], left),
    ];
  return [
    rule('', ['services', 'secrets', 'configmaps'], read),
    rule('', ['serviceaccounts'], owned),
    rule('apps', ['deployments'], read),
    rule('apps', ['daemonsets'], owned),
    rule('autoscaling', ['horizontalpodautoscalers'], owned),
    rule('policy', ['poddisruptionbudgets'], owned),
    rule('discovery.k8s.io', ['endpointslices'], ['delete']),
  ];
}

function readRules(namespaced: boolean): PolicyRule[] {
  const kinds = CLUSTER_KINDS.filter(kind => kind.namespaced === namespaced);
  return [...Map.groupBy(kinds, ({ group }) => group)].map(([group, of]) =>
    rule(
      group,
      of.map(({ plural }) => plural),
      READ,
    ),
  );
}

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources, verbs };
}
