/** The kinds that are written, and their paths. */
export interface WrittenKind {
  readonly kind: string;
  readonly apiVersion: string;
  readonly plural: string;
}

export const WRITTEN_KINDS: readonly WrittenKind[] = [
  { kind: 'Service', apiVersion: 'v1', plural: 'services' },
  { kind: 'Endpoints', apiVersion: 'v1', plural: 'endpoints' },
  { kind: 'EndpointSlice', apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices' },
  { kind: 'ConfigMap', apiVersion: 'v1', plural: 'configmaps' },
  { kind: 'Secret', apiVersion: 'v1', plural: 'secrets' },
  { kind: 'ServiceAccount', apiVersion: 'v1', plural: 'serviceaccounts' },
  { kind: 'Deployment', apiVersion: 'apps/v1', plural: 'deployments' },
  { kind: 'DaemonSet', apiVersion: 'apps/v1', plural: 'daemonsets' },
  { kind: 'HorizontalPodAutoscaler', apiVersion: 'autoscaling/v2', plural: 'horizontalpodautoscalers' },
  { kind: 'PodDisruptionBudget', apiVersion: 'policy/v1', plural: 'poddisruptionbudgets' },
];

/** @throws Error for a kind that is not written here */
export function collectionOf(kind: string, namespace: string): string {
  const found = WRITTEN_KINDS.find(each => each.kind === kind);
  if (found === undefined) throw new Error(`objects of kind ${kind} are not written`);
  const { apiVersion, plural } = found;
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${group}/namespaces/${namespace}/${plural}`;
}
