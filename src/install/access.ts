import {
  clusterRules,
  infrastructureRules,
  namespaceRules,
  ownRules,
  type PolicyRule,
} from './access-rules.ts';
import { clusterName, type InstallObject, metadata, NAME } from './install-object.ts';
import type { InstallOptions } from './install-options.ts';

/**
 * The service account and what it may do. With namespaces that are watched, their objects are all it may read: a Role in each,
 * and no ClusterRole but for kinds without a namespace. With namespaces of Gateways, it may make what Gateways are made of there
 * alone.
 */
export function accessObjects(options: InstallOptions): InstallObject[] {
  const { namespace, plane, watchNamespaces, gatewayNamespaces } = options;
  const everywhere = watchNamespaces.length === 0;
  const infrastructure = infrastructureRules(plane);
  const cluster = [
    ...clusterRules(),
    ...(everywhere ? namespaceRules() : []),
    ...(everywhere && gatewayNamespaces.length === 0 ? infrastructure : []),
  ];
  const has = (name: string) => gatewayNamespaces.length === 0 || gatewayNamespaces.includes(name);
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(NAME, namespace) },
    ...role('ClusterRole', clusterName(namespace), undefined, cluster, namespace),
    ...role('Role', NAME, namespace, ownRules(plane), namespace),
    ...[...new Set(everywhere ? gatewayNamespaces : watchNamespaces)].flatMap(name =>
      role(
        'Role',
        clusterName(namespace),
        name,
        [...(everywhere ? [] : namespaceRules()), ...(has(name) ? infrastructure : [])],
        namespace,
      ),
    ),
  ];
}

/** @param of namespace of the service account */
function role(
  kind: 'ClusterRole' | 'Role',
  name: string,
  namespace: string | undefined,
  rules: readonly PolicyRule[],
  of: string,
): InstallObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    { apiVersion, kind, metadata: metadata(name, namespace), rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata: metadata(name, namespace),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: of }],
    },
  ];
}
