import { availableParallelism, totalmem } from 'node:os';
import type { Container, DownwardRef, LabPod } from './pod.ts';

/** What a Pod has only once it runs. */
export interface PodAddresses {
  readonly pod: string;
  readonly node: string;
}

/** The downward API: a field of the Pod, or a limit of one of its containers, as text. Fails on a field that is not served. */
export function downward(
  ref: DownwardRef,
  pod: LabPod,
  addresses: PodAddresses,
  container?: Container,
): string {
  if (ref.fieldRef !== undefined) return field(ref.fieldRef.fieldPath, pod, addresses);
  const { resource = '', divisor, containerName } = ref.resourceFieldRef ?? {};
  const of =
    containerName === undefined ? container : pod.spec.containers.find(({ name }) => name === containerName);
  const [kind = '', name = ''] = resource.split('.', 2);
  if (of === undefined || (kind !== 'limits' && kind !== 'requests'))
    throw new Error(`resourceFieldRef ${resource}: not served`);
  // Without a limit: what the node has.
  const given = of.resources?.[kind]?.[name] ?? (kind === 'limits' ? ofNode(name) : 0);
  const unit = quantity(divisor === undefined || divisor === '0' ? '1' : divisor);
  return String(Math.ceil(quantity(String(given)) / unit));
}

function field(path: string, { metadata, spec }: LabPod, addresses: PodAddresses): string {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path) ?? [];
  if (map !== undefined) return metadata[map as 'labels' | 'annotations']?.[key!] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace;
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return lines(metadata.labels);
    case 'metadata.annotations':
      return lines(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? 'default';
    case 'status.podIP':
    case 'status.podIPs':
      return addresses.pod;
    case 'status.hostIP':
    case 'status.hostIPs':
      return addresses.node;
    default:
      throw new Error(`fieldRef ${path}: not served`);
  }
}

/** As a kubelet writes a map into a file. */
function lines(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

function ofNode(resource: string): number {
  return resource === 'cpu' ? availableParallelism() : totalmem();
}

const UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** apimachinery's resource.Quantity, as a number. */
function quantity(text: string): number {
  const [, number, unit = ''] = /^([\d.]+(?:e\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = unit === '' ? 1 : UNITS[unit];
  if (number === undefined || factor === undefined) throw new Error(`quantity ${text}: not understood`);
  return Number(number) * factor;
}
