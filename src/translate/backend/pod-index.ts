import type { Deployment, KubeObject, Pod, ResourceSet } from '../../api/index.ts';
import type { OwnAddresses } from '../gateway/own-addresses.ts';
import { LabelIndex } from '../label-index.ts';
import { labelsInclude } from '../label-selector.ts';

type Labels = Readonly<Record<string, string>>;

/** The Pods of a namespace that a simple selector matches, with a way to find them fast for many selectors. */
export class PodIndex {
  readonly #pods: ReadonlyMap<string, LabelIndex<Pod>>;
  readonly #ownAddresses: OwnAddresses;
  readonly #deployments: ReadonlyMap<string, LabelIndex<Deployment>>;

  constructor(set: ResourceSet, ownAddresses: OwnAddresses) {
    this.#ownAddresses = ownAddresses;
    this.#pods = byNamespace(set.list('Pod'), podLabels);
    this.#deployments = byNamespace(set.list('Deployment'), templateLabels);
  }

  /** Those that can serve now. An empty selector matches nothing (core/v1 ServiceSpec.selector). */
  ready(namespace: string, selector: Labels): Pod[] {
    if (Object.keys(selector).length === 0) return [];
    const pods = this.#pods.get(namespace)?.candidates(selector) ?? [];
    return pods.filter(
      pod =>
        labelsInclude(podLabels(pod), selector) &&
        isReady(pod) &&
        this.#ownAddresses.refusal(pod.status!.podIP!) === undefined,
    );
  }

  /** Is there any Pod, ready or not? */
  matches(namespace: string, selector: Labels): boolean {
    if (Object.keys(selector).length === 0) return false;
    const pods = this.#pods.get(namespace)?.candidates(selector) ?? [];
    return pods.some(pod => labelsInclude(podLabels(pod), selector));
  }

  /** Is there anything that could ever serve: a Pod, or a Deployment whose Pods would match? */
  couldMatch(namespace: string, selector: Labels): boolean {
    if (Object.keys(selector).length === 0) return false;
    const pods = this.#pods.get(namespace)?.candidates(selector) ?? [];
    const deployments = this.#deployments.get(namespace)?.candidates(selector) ?? [];
    return (
      pods.some(pod => labelsInclude(podLabels(pod), selector)) ||
      deployments.some(deployment => labelsInclude(templateLabels(deployment), selector))
    );
  }
}

function podLabels({ metadata }: Pod): Labels {
  return metadata.labels ?? {};
}

function templateLabels({ spec }: Deployment): Labels {
  return spec.template.metadata?.labels ?? {};
}

function byNamespace<T extends KubeObject>(
  objects: readonly T[],
  labelsOf: (object: T) => Labels,
): Map<string, LabelIndex<T>> {
  const grouped = Map.groupBy(objects, ({ metadata }) => metadata.namespace ?? '');
  return new Map([...grouped].map(([namespace, own]) => [namespace, new LabelIndex(own, labelsOf)]));
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
