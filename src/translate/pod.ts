import type { Deployment, Pod, ResourceSet } from '../api/index.ts';
import { labelsInclude } from './label-selector.ts';

type Labels = Readonly<Record<string, string>>;

/** The Pods of a namespace that a simple selector matches, with a way to find them fast for many selectors. */
export class PodIndex {
  readonly #podsByNamespace: ReadonlyMap<string, Pod[]>;
  readonly #deployments: readonly Deployment[];

  constructor(set: ResourceSet) {
    this.#podsByNamespace = Map.groupBy(set.list('Pod'), pod => pod.metadata.namespace ?? '');
    this.#deployments = set.list('Deployment');
  }

  /** Those that can serve now. An empty selector matches nothing (core/v1 ServiceSpec.selector). */
  ready(namespace: string, selector: Labels): Pod[] {
    if (Object.keys(selector).length === 0) return [];
    const pods = this.#podsByNamespace.get(namespace) ?? [];
    return pods.filter(pod => labelsInclude(pod.metadata.labels ?? {}, selector) && isReady(pod));
  }

  /** Is there anything that could ever serve: a Pod, or a Deployment whose Pods would match? */
  couldMatch(namespace: string, selector: Labels): boolean {
    if (Object.keys(selector).length === 0) return false;
    const pods = this.#podsByNamespace.get(namespace) ?? [];
    return (
      pods.some(pod => labelsInclude(pod.metadata.labels ?? {}, selector)) ||
      this.#deployments.some(
        deployment =>
          deployment.metadata.namespace === namespace &&
          labelsInclude(deployment.spec.template.metadata?.labels ?? {}, selector),
      )
    );
  }
}

/** A Pod with an address is ready unless its status says otherwise: hand-written ones have no conditions. */
export function isReady(pod: Pod): boolean {
  const { status, metadata } = pod;
  if (!status?.podIP || metadata.deletionTimestamp !== undefined) return false;
  if (status.phase === 'Failed' || status.phase === 'Succeeded') return false;
  const ready = status.conditions?.find(condition => condition.type === 'Ready');
  return ready === undefined || ready.status === 'True';
}

/** A container port by its name (core/v1 ServicePort.targetPort). */
export function namedPort(pod: Pod, name: string): number | undefined {
  for (const container of pod.spec?.containers ?? []) {
    const port = container.ports?.find(candidate => candidate.name === name);
    if (port !== undefined) return port.containerPort;
  }
  return undefined;
}
