import type { KubeObject, Service } from '../api/index.ts';
import type { ExternalPicker } from '../plan/index.ts';
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
  /** Absent: Breakwater picks. */
  readonly picker?: ExternalPicker;
  /** Of the pool's ResolvedRefs condition. */
  readonly resolved: boolean;
  readonly message: string;
}

const PICKS_ITSELF = 'Breakwater picks the endpoints itself';

/** Service port's appProtocol for HTTP/2 in plain text (KEP-3726). `http2` says nothing of TLS: pickers speak it all the same. */
const PLAIN_TEXT = 'kubernetes.io/h2c';

/**
 * A picker that nobody runs is no error here, unlike what the Inference Extension says (ExtensionReference: "5XX"):
 * picking is what Breakwater is for. One that is run, and is not ready, is down: failureMode says what happens.
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
  if (!services.isRun(service))
    return { resolved: true, message: `No Pods run behind Service ${name}: ${PICKS_ITSELF}` };
  const endpoints = services
    .of(service, port)
    .map(endpoint => ({ address: endpoint.address, port: endpoint.port }));
  const picker = { name: `${name}:${port.port}`, endpoints, tls: port.appProtocol !== PLAIN_TEXT };
  if (endpoints.length > 0)
    return { picker, resolved: true, message: `Service ${name} picks the endpoints, asked over ext_proc` };
  const meanwhile =
    ref.failureMode === 'FailOpen' ? PICKS_ITSELF : 'requests get 503 (failureMode is FailClose)';
  const message = `Service ${name} picks the endpoints, and has none ready itself: until then ${meanwhile}`;
  problems.warning('pool-picker', pool, path, message);
  return { picker, resolved: true, message };
}
