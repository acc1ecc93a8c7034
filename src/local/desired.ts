import type { Deployment, Pod, ResourceSet } from '../api/index.ts';
import {
  findModelServer,
  type ModelServerContainer,
  type PodContent,
  type PodTemplate,
} from './local-model-server.ts';
import { podSuffix, templateHash } from './pod-name.ts';

export type SimulateMode = 'auto' | 'never' | 'always';

export interface WorkloadRef {
  readonly kind: 'Deployment' | 'Pod';
  readonly namespace: string;
  readonly name: string;
}

/** What a replica belongs to, as it was when the replica was made. */
export interface Owner {
  readonly ref: WorkloadRef;
  readonly object: Deployment | Pod;
  /** Hash of the Pod template, as in the Pods' names; '' for a Pod that stands alone. */
  readonly hash: string;
}

/** One replica that should run. */
export interface Replica {
  /** The same for the same replica over all changes. */
  readonly key: string;
  readonly podName: string;
  readonly owner: Owner;
  readonly server: ModelServerContainer;
  readonly template: PodTemplate;
  /** Equal fingerprints: nothing has to be restarted. */
  readonly fingerprint: string;
  /** A removed replica may go on answering so long. */
  readonly graceMs: number;
}

type SimulatedWorkload = Owner & {
  readonly what: 'simulated';
  readonly replicas: readonly Replica[];
  readonly unknownFlags: readonly string[];
};

export type DesiredWorkload =
  | SimulatedWorkload
  /** `broken`: a model server that the real one's container would not start with either. `reason` ends a sentence. */
  | (Owner & { readonly what: 'not-run' | 'broken'; readonly reason: string })
  | (Owner & { readonly what: 'external'; readonly addresses: readonly string[] });

/** core/v1 PodSpec.terminationGracePeriodSeconds */
const DEFAULT_GRACE_SECONDS = 30;

const OFF = 'simulation is switched off (--simulate=never)';

/** What should run here of the Deployments and Pods of the manifests. */
export function desiredWorkloads(
  set: ResourceSet,
  mode: SimulateMode,
  extraWords: readonly string[],
): DesiredWorkload[] {
  return [
    ...set.list('Deployment').map(deployment => ofDeployment(set, deployment, mode, extraWords)),
    ...set.list('Pod').map(pod => ofPod(set, pod, mode, extraWords)),
  ];
}

function ofDeployment(
  set: ResourceSet,
  deployment: Deployment,
  mode: SimulateMode,
  extraWords: readonly string[],
): DesiredWorkload {
  const { metadata, spec } = deployment;
  const namespace = metadata.namespace ?? 'default';
  const labels = spec.template.metadata?.labels ?? {};
  const template: PodTemplate = { namespace, labels, spec: spec.template.spec };
  const hash = templateHash(JSON.stringify(spec.template));
  const base = {
    ref: { kind: 'Deployment', namespace, name: metadata.name },
    object: deployment,
    hash,
  } as const;
  if (mode === 'never') return { ...base, what: 'not-run', reason: OFF };
  const count = spec.replicas ?? 1;
  if (count === 0) return { ...base, what: 'not-run', reason: 'has 0 replicas' };
  const content = findModelServer(set, template, extraWords, mode === 'always');
  if (content.kind !== 'model-server') return { ...base, ...withoutServer(content) };
  const replicas = Array.from({ length: count }, (_, ordinal) => {
    const key = `Deployment/${namespace}/${metadata.name}/${ordinal}`;
    return replica(key, `${metadata.name}-${hash}-${podSuffix(key)}`, base, template, content);
  });
  return { ...base, what: 'simulated', replicas, unknownFlags: content.unknownFlags };
}

function ofPod(
  set: ResourceSet,
  pod: Pod,
  mode: SimulateMode,
  extraWords: readonly string[],
): DesiredWorkload {
  const namespace = pod.metadata.namespace ?? 'default';
  const { name, labels = {} } = pod.metadata;
  const base = { ref: { kind: 'Pod', namespace, name }, object: pod, hash: '' } as const;
  const address = pod.status?.podIP;
  if (address !== undefined && mode !== 'always')
    return { ...base, what: 'external', addresses: externalAddresses(pod, address) };
  if (pod.spec === undefined)
    return address === undefined
      ? { ...base, what: 'not-run', reason: 'has neither containers nor an address' }
      : { ...base, what: 'external', addresses: externalAddresses(pod, address) };
  if (mode === 'never') return { ...base, what: 'not-run', reason: OFF };
  const template: PodTemplate = { namespace, labels, spec: pod.spec };
  const content = findModelServer(set, template, extraWords, mode === 'always');
  if (content.kind !== 'model-server')
    return address === undefined
      ? { ...base, ...withoutServer(content) }
      : { ...base, what: 'external', addresses: externalAddresses(pod, address) };
  const replicas = [replica(`Pod/${namespace}/${name}`, name, base, template, content)];
  return { ...base, what: 'simulated', replicas, unknownFlags: content.unknownFlags };
}

function externalAddresses(pod: Pod, address: string): string[] {
  const host = address.includes(':') ? `[${address}]` : address;
  const ports = pod.spec?.containers.flatMap(container => container.ports ?? []) ?? [];
  return ports.length === 0 ? [address] : ports.map(port => `${host}:${port.containerPort}`);
}

function withoutServer({ kind, reason }: Exclude<PodContent, ModelServerContainer>) {
  return { what: kind === 'broken' ? ('broken' as const) : ('not-run' as const), reason };
}

function replica(
  key: string,
  podName: string,
  owner: Owner,
  template: PodTemplate,
  server: ModelServerContainer,
): Replica {
  const seconds = template.spec['terminationGracePeriodSeconds'];
  return {
    key,
    podName,
    owner,
    server,
    template,
    // Kubernetes leaves Pods alone when a ConfigMap changes; here the file is what is served, so they start anew.
    fingerprint: JSON.stringify([owner.hash, server]),
    graceMs: 1000 * (typeof seconds === 'number' && seconds >= 0 ? seconds : DEFAULT_GRACE_SECONDS),
  };
}
