import { clusterName, type InstallObject, metadata, NAME } from './object.ts';
import type { InstallOptions } from './options.ts';
import { clusterRules, namespaceRules, ownRules, type PolicyRule } from './rules.ts';

/**
 * The service account and what it may do. With namespaces that are watched, their objects are all it may read: a Role in each,
 * and no ClusterRole but for kinds without a namespace.
 */
export function accessObjects({ namespace, plane, watchNamespaces }: InstallOptions): InstallObject[] {
  const everywhere = watchNamespaces.length === 0;
  const cluster = everywhere ? [...clusterRules(), ...namespaceRules(plane)] : clusterRules();
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(NAME, namespace) },
    ...role('ClusterRole', clusterName(namespace), undefined, cluster, namespace),
    ...role('Role', NAME, namespace, ownRules(plane), namespace),
    ...[...new Set(watchNamespaces)].flatMap(watched =>
      role('Role', clusterName(namespace), watched, namespaceRules(plane), namespace),
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
