import type { LabEndpointSlice, LabService } from './service.ts';
import type { Endpoint } from './tcp-forwarder.ts';

type SliceEndpoint = NonNullable<LabEndpointSlice['endpoints']>[number];

/** EndpointSlices by `namespace/service`. */
export type Slices = ReadonlyMap<string, readonly LabEndpointSlice[]>;

export function slicesByService(slices: readonly LabEndpointSlice[]): Slices {
  return Map.groupBy(slices, ({ metadata }) => {
    return `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name']}`;
  });
}

/** Those that are ready; where none is, those that still serve while they end, as kube-proxy does. */
export function readyEndpoints(slice: LabEndpointSlice): readonly SliceEndpoint[] {
  const all = slice.addressType === 'IPv4' ? (slice.endpoints ?? []) : [];
  const ready = all.filter(({ conditions }) => conditions?.ready !== false);
  if (ready.length > 0) return ready;
  return all.filter(({ conditions }) => conditions?.serving === true && conditions.terminating === true);
}

/** Where a port of a Service leads: the ports of its slices that have its name. */
export function endpointsOf({ metadata }: LabService, portName: string, slices: Slices): Endpoint[] {
  return (slices.get(`${metadata.namespace}/${metadata.name}`) ?? []).flatMap(slice => {
    const port = slice.ports?.find(({ name, protocol }) => {
      return (name ?? '') === portName && (protocol ?? 'TCP') === 'TCP';
    })?.port;
    if (port === undefined) return [];
    return readyEndpoints(slice).flatMap(({ addresses }) => addresses.map(address => ({ address, port })));
  });
}
