import type { z } from 'zod';
import {
  type BackendTrafficPolicy,
  backendTrafficPolicySchema,
} from './envoy-gateway/backend-traffic-policy.ts';
import { type Backend, backendSchema } from './envoy-gateway/envoy-gateway.ts';
import { type EnvoyProxy, envoyProxySchema } from './envoy-gateway/envoy-proxy.ts';
import { type BackendTLSPolicy, backendTlsPolicySchema } from './gateway-api/backend-tls-policy.ts';
import { type Gateway, gatewaySchema } from './gateway-api/gateway.ts';
import { type GatewayClass, gatewayClassSchema } from './gateway-api/gateway-class.ts';
import { type HTTPRoute, httpRouteSchema } from './gateway-api/http-route.ts';
import { type ListenerSet, listenerSetSchema } from './gateway-api/listener-set.ts';
import { type ReferenceGrant, referenceGrantSchema } from './gateway-api/reference-grant.ts';
import {
  type InferenceModel,
  type InferenceObjective,
  inferenceModelSchema,
  inferenceObjectiveSchema,
} from './inference/inference-model.ts';
import {
  type InferencePoolV1,
  type InferencePoolV1Alpha2,
  inferencePoolV1Alpha2Schema,
  inferencePoolV1Schema,
} from './inference/inference-pool.ts';
import {
  type ConfigMap,
  configMapSchema,
  type Namespace,
  type Node,
  namespaceSchema,
  nodeSchema,
  type Secret,
  type ServiceAccount,
  secretSchema,
  serviceAccountSchema,
} from './kubernetes/core.ts';
import {
  type EndpointSlice,
  endpointSliceSchema,
  type Service,
  serviceSchema,
} from './kubernetes/service.ts';
import { type Deployment, deploymentSchema, type Pod, podSchema } from './kubernetes/workload.ts';
import { type UnservedPolicy, unservedPolicySchema } from './unserved-policy.ts';

/** The kinds that are read, by the names that they have here: two API groups have an InferencePool. */
export interface KnownKinds {
  GatewayClass: GatewayClass;
  Gateway: Gateway;
  ListenerSet: ListenerSet;
  HTTPRoute: HTTPRoute;
  ReferenceGrant: ReferenceGrant;
  InferencePoolV1: InferencePoolV1;
  InferencePoolV1Alpha2: InferencePoolV1Alpha2;
  InferenceModel: InferenceModel;
  InferenceObjective: InferenceObjective;
  BackendTLSPolicy: BackendTLSPolicy;
  BackendTrafficPolicy: BackendTrafficPolicy;
  Backend: Backend;
  EnvoyProxy: EnvoyProxy;
  SecurityPolicy: UnservedPolicy;
  ClientTrafficPolicy: UnservedPolicy;
  EnvoyExtensionPolicy: UnservedPolicy;
  EnvoyPatchPolicy: UnservedPolicy;
  /** Of any other kind of our API groups, and those that cannot be read. */
  OtherPolicy: UnservedPolicy;
  Service: Service;
  EndpointSlice: EndpointSlice;
  Pod: Pod;
  Deployment: Deployment;
  ConfigMap: ConfigMap;
  Secret: Secret;
  ServiceAccount: ServiceAccount;
  Namespace: Namespace;
  Node: Node;
}

export type KnownKind = keyof KnownKinds;
export type KnownObject = KnownKinds[KnownKind];

export interface KindEntry {
  /** Unique here; {@link kind} but for InferencePool. */
  readonly id: KnownKind;
  readonly kind: string;
  /** '' for the core group. */
  readonly group: string;
  /** Versions that are read, the preferred one first. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly schema: z.ZodType;
}

const GATEWAY = 'gateway.networking.k8s.io';
const INFERENCE_X = 'inference.networking.x-k8s.io';
const INFERENCE = 'inference.networking.k8s.io';
const ENVOY_GATEWAY = 'gateway.envoyproxy.io';

function entry(
  kind: string,
  group: string,
  versions: string,
  plural: string,
  shortNames: string,
  schema: z.ZodType,
  more: { readonly id?: KnownKind; readonly cluster?: true } = {},
): KindEntry {
  return {
    id: more.id ?? (kind as KnownKind),
    kind,
    group,
    versions: versions.split(' '),
    plural,
    singular: kind.toLowerCase(),
    shortNames: shortNames === '' ? [] : shortNames.split(' '),
    namespaced: more.cluster !== true,
    schema,
  };
}

/** Names as in the CRDs and in Kubernetes itself. */
export const KINDS: readonly KindEntry[] = [
  entry('GatewayClass', GATEWAY, 'v1 v1beta1', 'gatewayclasses', 'gc', gatewayClassSchema, { cluster: true }),
  entry('Gateway', GATEWAY, 'v1 v1beta1', 'gateways', 'gtw', gatewaySchema),
  entry('ListenerSet', GATEWAY, 'v1', 'listenersets', 'lset', listenerSetSchema),
  entry('HTTPRoute', GATEWAY, 'v1 v1beta1', 'httproutes', '', httpRouteSchema),
  entry('ReferenceGrant', GATEWAY, 'v1 v1beta1', 'referencegrants', 'refgrant', referenceGrantSchema),
  entry(
    'BackendTLSPolicy',
    GATEWAY,
    'v1 v1alpha3',
    'backendtlspolicies',
    'btlspolicy',
    backendTlsPolicySchema,
  ),
  entry('InferencePool', INFERENCE, 'v1', 'inferencepools', 'infpool', inferencePoolV1Schema, {
    id: 'InferencePoolV1',
  }),
  entry('InferencePool', INFERENCE_X, 'v1alpha2', 'inferencepools', 'xinfpool', inferencePoolV1Alpha2Schema, {
    id: 'InferencePoolV1Alpha2',
  }),
  entry('InferenceModel', INFERENCE_X, 'v1alpha2', 'inferencemodels', '', inferenceModelSchema),
  entry(
    'InferenceObjective',
    INFERENCE_X,
    'v1alpha2',
    'inferenceobjectives',
    'infobj',
    inferenceObjectiveSchema,
  ),
  entry(
    'BackendTrafficPolicy',
    ENVOY_GATEWAY,
    'v1alpha1',
    'backendtrafficpolicies',
    'btp btpolicy',
    backendTrafficPolicySchema,
  ),
  entry('Backend', ENVOY_GATEWAY, 'v1alpha1', 'backends', 'be', backendSchema),
  entry('EnvoyProxy', ENVOY_GATEWAY, 'v1alpha1', 'envoyproxies', 'eproxy', envoyProxySchema),
  entry('SecurityPolicy', ENVOY_GATEWAY, 'v1alpha1', 'securitypolicies', 'sp', unservedPolicySchema),
  entry(
    'ClientTrafficPolicy',
    ENVOY_GATEWAY,
    'v1alpha1',
    'clienttrafficpolicies',
    'ctp',
    unservedPolicySchema,
  ),
  entry(
    'EnvoyExtensionPolicy',
    ENVOY_GATEWAY,
    'v1alpha1',
    'envoyextensionpolicies',
    'eep',
    unservedPolicySchema,
  ),
  entry('EnvoyPatchPolicy', ENVOY_GATEWAY, 'v1alpha1', 'envoypatchpolicies', 'epp', unservedPolicySchema),
  entry('Service', '', 'v1', 'services', 'svc', serviceSchema),
  entry('EndpointSlice', 'discovery.k8s.io', 'v1', 'endpointslices', '', endpointSliceSchema),
  entry('Pod', '', 'v1', 'pods', 'po', podSchema),
  entry('Deployment', 'apps', 'v1', 'deployments', 'deploy', deploymentSchema),
  entry('ConfigMap', '', 'v1', 'configmaps', 'cm', configMapSchema),
  entry('Secret', '', 'v1', 'secrets', '', secretSchema),
  entry('ServiceAccount', '', 'v1', 'serviceaccounts', 'sa', serviceAccountSchema),
  entry('Namespace', '', 'v1', 'namespaces', 'ns', namespaceSchema, { cluster: true }),
  entry('Node', '', 'v1', 'nodes', 'no', nodeSchema, { cluster: true }),
];

const byApi = new Map(
  KINDS.flatMap(each =>
    each.versions.map(version => [apiKey(each.group, version, each.kind), each] as const),
  ),
);

function apiKey(group: string, version: string, kind: string): string {
  return `${group === '' ? version : `${group}/${version}`} ${kind}`;
}

/** Policies of these kinds are read for what they are about, and refused. */
export const UNSERVED_POLICIES = [
  'SecurityPolicy',
  'ClientTrafficPolicy',
  'EnvoyExtensionPolicy',
  'EnvoyPatchPolicy',
  'OtherPolicy',
] as const satisfies readonly KnownKind[];

/** The versions of a kind that are read, where the group is right and the version is not. */
export function versionsOf(apiVersion: string, kind: string): string[] {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return KINDS.filter(each => each.group === group && each.kind === kind).flatMap(each =>
    each.versions.map(version => (group === '' ? version : `${group}/${version}`)),
  );
}

export function findKind(apiVersion: string, kind: string): KindEntry | undefined {
  return byApi.get(`${apiVersion} ${kind}`);
}
