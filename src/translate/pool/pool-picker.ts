import type { KubeObject, Service } from '../../api/index.ts';
import type { ExternalPicker } from '../../plan/index.ts';
import type { ServiceEndpoints } from '../backend/service-endpoints.ts';
import type { Context } from '../translation-context.ts';

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

/** A reference to ourselves: what a v1 pool names on a cluster whose CRD insists on a picker, to be picked for by Breakwater. */
const OURSELVES = { group: 'breakwater.dev', kind: 'EndpointPicker' } as const;

/**
 * Who picks for a pool. One whose picker nobody runs is picked for by Breakwater, which is what it is for; on a cluster only a
 * v1alpha2 pool is: v1 has it that there a picker is, and that a reference to none is false (InferencePoolConditionResolvedRefs)
 * and serves nothing but what failureMode lets through. A picker that is run, and is not ready, is down: failureMode again.
 */
export function resolvePicker(
  context: Context,
  services: ServiceEndpoints,
  pool: KubeObject,
  ref: PickerRef | undefined,
): PickerResolution {
  if (ref === undefined) return { resolved: true, message: `No endpoint picker is named: ${PICKS_ITSELF}` };
  if (ref.group === OURSELVES.group && ref.kind === OURSELVES.kind)
    return { resolved: true, message: PICKS_ITSELF };
  const resolution = find(context, services, pool, ref);
  if (resolution.warning)
    context.problems.warning('pool-picker', pool, ['spec', ref.field], resolution.message);
  const { picker, resolved, message } = resolution;
  return { resolved, message, ...(picker && { picker }) };
}

interface Found extends PickerResolution {
  readonly warning: boolean;
}

function find(
  { set, onCluster }: Context,
  services: ServiceEndpoints,
  pool: KubeObject,
  ref: PickerRef,
): Found {
  const isStrict = onCluster && ref.field === 'endpointPickerRef';
  const name = `${pool.metadata.namespace}/${ref.name}`;
  const down = ref.failureMode === 'FailOpen' ? PICKS_ITSELF : 'requests get 503 (failureMode is FailClose)';
  const nobody = (why: string, lenient: { readonly resolved: boolean; readonly warning: boolean }): Found =>
    isStrict
      ? {
          picker: { name: ref.port === undefined ? name : `${name}:${ref.port}`, endpoints: [], tls: true },
          resolved: false,
          warning: true,
          message: `${why}: ${down}`,
        }
      : { ...lenient, message: `${why}: ${PICKS_ITSELF}` };
  if (ref.group !== '' || ref.kind !== 'Service')
    return nobody(`Endpoint picker must be a Service, got ${ref.group}/${ref.kind}`, {
      resolved: false,
      warning: true,
    });
  const service: Service | undefined = set.get('Service', pool.metadata.namespace ?? '', ref.name);
  if (service === undefined)
    return nobody(`Service ${name} does not exist`, { resolved: true, warning: false });
  const port = service.spec.ports?.find(candidate => candidate.port === ref.port);
  if (port === undefined)
    return nobody(`Service ${name} has no port ${ref.port}`, { resolved: true, warning: true });
  if (!isStrict && !services.isRun(service))
    return nobody(`No Pods run behind Service ${name}`, { resolved: true, warning: false });
  const endpoints = services
    .of(service, port)
    .map(endpoint => ({ address: endpoint.address, port: endpoint.port }));
  const picker = { name: `${name}:${port.port}`, endpoints, tls: port.appProtocol !== PLAIN_TEXT };
  if (endpoints.length > 0)
    return {
      picker,
      resolved: true,
      warning: false,
      message: `Service ${name} picks the endpoints, asked over ext_proc`,
    };
  const message = `Service ${name} picks the endpoints, and has none ready itself: until then ${down}`;
  return { picker, resolved: true, warning: true, message };
}
