import { type EndpointSlice, SERVICE_NAME_LABEL, type Service } from '../../api/index.ts';
import type { ClusterEndpoint } from '../../plan/index.ts';
import { compareText } from '../precedence.ts';
import type { Context } from '../translation-context.ts';
import { namedPort, type PodIndex } from './pod-index.ts';

type ServicePort = NonNullable<Service['spec']['ports']>[number];

/** Finds what stands behind a Service's port: its EndpointSlices if it has any, else the ready Pods that it selects. */
export class ServiceEndpoints {
  readonly #pods: PodIndex;
  readonly #slices: ReadonlyMap<string, EndpointSlice[]>;

  readonly #context: Context;

  constructor(context: Context, pods: PodIndex) {
    this.#context = context;
    this.#pods = pods;
    this.#slices = Map.groupBy(context.set.list('EndpointSlice'), slice => {
      const service = slice.metadata.labels?.[SERVICE_NAME_LABEL] ?? '';
      return `${slice.metadata.namespace}/${service}`;
    });
  }

  /** Ready endpoints, each once, by address and port. */
  of(service: Service, port: ServicePort): ClusterEndpoint[] {
    const { namespace = '', name } = service.metadata;
    const slices = this.#slices.get(`${namespace}/${name}`);
    const endpoints =
      slices === undefined ? this.#ofPods(service, port) : ofSlices(this.#context, slices, port);
    const unique = new Map(endpoints.map(endpoint => [`${endpoint.address} ${endpoint.port}`, endpoint]));
    return [...unique.values()].sort((a, b) => compareText(a.address, b.address) || a.port - b.port);
  }

  /** No endpoints now, but Pods or a Deployment that may become some. */
  expectsPods(service: Service): boolean {
    return this.#pods.couldMatch(service.metadata.namespace ?? '', service.spec.selector ?? {});
  }

  /** Something runs, or ran, behind it: an EndpointSlice or a Pod says so, be it ready or not. */
  isRun(service: Service): boolean {
    const { namespace = '', name } = service.metadata;
    return (
      this.#slices.has(`${namespace}/${name}`) || this.#pods.matches(namespace, service.spec.selector ?? {})
    );
  }

  /** Why there is nothing behind a Service. */
  whyEmpty(service: Service): string {
    const { namespace = '', name } = service.metadata;
    if (this.#slices.has(`${namespace}/${name}`)) return 'its EndpointSlices have none for this port';
    const selector = Object.entries(service.spec.selector ?? {}).map(([key, value]) => `${key}=${value}`);
    return selector.length === 0
      ? 'it has neither a selector nor an EndpointSlice'
      : `its selector ${selector.join(',')} matches no Pod and no Deployment's Pods`;
  }

  #ofPods(service: Service, port: ServicePort): ClusterEndpoint[] {
    const target = port.targetPort ?? port.port;
    const endpoints: ClusterEndpoint[] = [];
    for (const pod of this.#pods.ready(service.metadata.namespace ?? '', service.spec.selector ?? {})) {
      const number = typeof target === 'number' ? target : namedPort(pod, target);
      if (number !== undefined) endpoints.push({ address: pod.status!.podIP!, port: number, weight: 1 });
    }
    return endpoints;
  }
}

/** A slice's port is the Service's of the same name; both may be unnamed (discovery/v1 EndpointPort.name). */
function ofSlices(
  { problems, ownAddresses }: Context,
  slices: readonly EndpointSlice[],
  port: ServicePort,
): ClusterEndpoint[] {
  const endpoints: ClusterEndpoint[] = [];
  for (const slice of slices) {
    const match = slice.ports?.find(candidate => (candidate.name ?? '') === (port.name ?? ''));
    if (match?.port === undefined) continue;
    for (const { addresses, conditions } of slice.endpoints ?? []) {
      // "A nil value should be interpreted as true" (discovery/v1 EndpointConditions.ready).
      if (conditions?.ready === false) continue;
      for (const address of addresses) {
        const refusal = ownAddresses.refusal(address, slice.addressType === 'FQDN');
        if (refusal === undefined) endpoints.push({ address, port: match.port, weight: 1 });
        else
          problems.error(
            'backend-address-refused',
            slice,
            ['endpoints'],
            `${refusal}: nothing is sent to it`,
          );
      }
    }
  }
  return endpoints;
}
