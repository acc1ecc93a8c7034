import { LISTENER_PORTS, PORTS } from './controller-ports.ts';
import { type InstallObject, metadata, NAME, POD_LABELS } from './install-object.ts';
import { type InstallOptions, servicePorts } from './install-options.ts';

export function service({ namespace, plane }: InstallOptions): InstallObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(NAME, namespace),
    spec: {
      type: 'ClusterIP',
      selector: POD_LABELS,
      ports: servicePorts(plane).map(({ name, port }) => ({ name, port, targetPort: name, protocol: 'TCP' })),
    },
  };
}

/** Labels that src/cluster/infrastructure gives the Envoys of a Gateway. */
const ENVOYS = {
  'app.kubernetes.io/component': 'proxy',
  'app.kubernetes.io/managed-by': 'breakwater',
} as const;

/**
 * Who may come in. What goes out is not restricted: the API server and model servers are anywhere. Health and metrics are open to
 * whoever is in the cluster.
 */
export function networkPolicy({ namespace, plane }: InstallOptions): InstallObject {
  const tcp = (port: number) => ({ protocol: 'TCP', port });
  const fromEnvoys = {
    from: [{ namespaceSelector: {}, podSelector: { matchLabels: ENVOYS } }],
    ports: [tcp(PORTS.xds), tcp(PORTS.picker)],
  };
  const fromClients = { ports: [{ ...tcp(LISTENER_PORTS.first), endPort: LISTENER_PORTS.last }] };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(NAME, namespace),
    spec: {
      podSelector: { matchLabels: POD_LABELS },
      policyTypes: ['Ingress'],
      ingress: [plane === 'envoy' ? fromEnvoys : fromClients, { ports: [tcp(PORTS.info)] }],
    },
  };
}
