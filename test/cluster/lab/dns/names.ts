import { readyEndpoints, type Slices } from '../services/endpoints.ts';
import type { LabService } from '../services/service.ts';
import { A, type Answer, type Question } from './message.ts';

const UNKNOWN: Answer = { kind: 'unknown' };

/**
 * Kubernetes' names of Services: `NAME.NAMESPACE.svc.cluster.local` is the ClusterIP, or the ready endpoints of a headless Service;
 * `HOSTNAME.` before it is one of these. The lab knows no other names.
 */
export function resolveService(
  { name, type }: Question,
  services: (namespace: string, name: string) => LabService | undefined,
  slices: () => Slices,
): Answer {
  const labels = name.replace(/\.cluster\.local$/, '').split('.');
  if (labels.length > 4 || labels.pop() !== 'svc') return UNKNOWN;
  const [namespace = '', serviceName = '', hostname] = labels.reverse();
  const service = services(namespace, serviceName);
  if (service === undefined) return UNKNOWN;
  const { clusterIP, externalName } = service.spec;
  if (service.spec.type === 'ExternalName') return { kind: 'alias', name: externalName ?? '' };
  const isHeadless = clusterIP === undefined || clusterIP === 'None';
  if (hostname !== undefined && !isHeadless) return UNKNOWN;
  const addresses = isHeadless
    ? (slices().get(`${namespace}/${serviceName}`) ?? [])
        .flatMap(readyEndpoints)
        .filter(endpoint => hostname === undefined || endpoint.hostname === hostname)
        .flatMap(endpoint => endpoint.addresses)
    : [clusterIP];
  if (addresses.length === 0) return UNKNOWN;
  // Of another type there is nothing, but the name exists.
  return { kind: 'addresses', addresses: type === A ? addresses : [] };
}
