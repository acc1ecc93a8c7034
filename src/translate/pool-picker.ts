import type { KubeObject, Service } from '../api/index.ts';
import type { Context } from './context.ts';
import type { ServiceEndpoints } from './service-endpoints.ts';

/** A pool's reference to its endpoint picker: `extensionRef` (v1alpha2) or `endpointPickerRef` (v1). */
export interface PickerRef {
  readonly field: 'extensionRef' | 'endpointPickerRef';
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly port: number | undefined;
  readonly failureMode: 'FailOpen' | 'FailClose';
}

export interface PickerResolution {
  /** Where an external picker answers; absent: Breakwater picks. */
  readonly address?: { readonly address: string; readonly port: number };
  /** Of the pool's ResolvedRefs condition. */
  readonly resolved: boolean;
  readonly message: string;
}

const PICKS_ITSELF = 'Breakwater picks the endpoints itself';

/**
 * A picker that does not run is no error here, unlike what the Inference Extension says (ExtensionReference: "5XX"):
 * picking is what Breakwater is for. A Service with ready endpoints is found
 * for the planes to ask; none does yet, which is said.
 */
export function resolvePicker(
  { set, problems }: Context,
  services: ServiceEndpoints,
  pool: KubeObject,
  ref: PickerRef | undefined,
): PickerResolution {
  if (ref === undefined) return { resolved: true, message: `No endpoint picker is named: ${PICKS_ITSELF}` };
  const path = ['spec', ref.field];
  if (ref.group !== '' || ref.kind !== 'Service') {
    const message = `Endpoint picker must be a Service, got ${ref.group}/${ref.kind}: ${PICKS_ITSELF}`;
    problems.warning('pool-picker', pool, path, message);
    return { resolved: false, message };
  }
  const name = `${pool.metadata.namespace}/${ref.name}`;
  const service: Service | undefined = set.get('Service', pool.metadata.namespace ?? '', ref.name);
  if (service === undefined)
    return { resolved: true, message: `Service ${name} does not exist: ${PICKS_ITSELF}` };
  const port = service.spec.ports?.find(candidate => candidate.port === ref.port);
  if (port === undefined) {
    const message = `Service ${name} has no port ${ref.port}: ${PICKS_ITSELF}`;
    problems.warning('pool-picker', pool, path, message);
    return { resolved: true, message };
  }
  const endpoint = services.of(service, port)[0];
  if (endpoint === undefined)
    return { resolved: true, message: `Service ${name} has no ready endpoints: ${PICKS_ITSELF}` };
  const { address, port: number } = endpoint;
  const message = `Service ${name} is not asked, external pickers are not implemented: ${PICKS_ITSELF}`;
  problems.warning('pool-picker', pool, path, message);
  return { address: { address, port: number }, resolved: true, message };
}
