import { BREAKWATER, type KnownKind, MANAGED_BY, type ResourceSet } from '../../api/index.ts';

const ATTACHMENT = [
  'GatewayClass',
  'Gateway',
  'ListenerSet',
  'HTTPRoute',
  'Namespace',
  'ReferenceGrant',
] as const;
const LISTENERS = ['Secret', 'ConfigMap', 'Service', 'EnvoyProxy', 'Node'] as const;
const POOLS = ['InferencePoolV1', 'InferencePoolV1Alpha2'] as const;

/** What the statuses of a kind say something about: where one of these is not known, they could only be guessed. */
const DEPENDS: Partial<Readonly<Record<KnownKind, readonly KnownKind[]>>> = {
  GatewayClass: ['GatewayClass', 'EnvoyProxy'],
  Gateway: [...ATTACHMENT, ...LISTENERS],
  ListenerSet: [...ATTACHMENT, ...LISTENERS],
  HTTPRoute: [...ATTACHMENT, 'Service', 'Backend', ...POOLS],
  InferencePoolV1: [...ATTACHMENT, 'Service', ...POOLS],
  InferencePoolV1Alpha2: [...ATTACHMENT, 'Service', ...POOLS],
  InferenceModel: [...POOLS, 'InferenceModel'],
  InferenceObjective: [...POOLS, 'InferenceObjective'],
  BackendTrafficPolicy: [...ATTACHMENT, ...POOLS, 'BackendTrafficPolicy'],
  SecurityPolicy: [...ATTACHMENT, ...POOLS, 'SecurityPolicy'],
  ClientTrafficPolicy: [...ATTACHMENT, ...POOLS, 'ClientTrafficPolicy'],
  EnvoyExtensionPolicy: [...ATTACHMENT, ...POOLS, 'EnvoyExtensionPolicy'],
  EnvoyPatchPolicy: [...ATTACHMENT, ...POOLS, 'EnvoyPatchPolicy'],
  BackendTLSPolicy: [...ATTACHMENT, ...POOLS, 'Service', 'ConfigMap', 'BackendTLSPolicy'],
};

/** Kinds whose statuses are not written while these cannot be read. Nodes count where Gateways have their addresses. */
export function withheldKinds(set: ResourceSet, unreadable: readonly KnownKind[]): ReadonlySet<KnownKind> {
  const kinds = Object.keys(DEPENDS) as KnownKind[];
  const counts = (kind: KnownKind) => unreadable.includes(kind) && (kind !== 'Node' || hasNodePorts(set));
  return new Set(kinds.filter(kind => DEPENDS[kind]?.some(counts)));
}

function hasNodePorts(set: ResourceSet): boolean {
  return set
    .list('Service')
    .some(({ metadata, spec }) => spec.type === 'NodePort' && metadata.labels?.[MANAGED_BY] === BREAKWATER);
}
