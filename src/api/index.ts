export type { BackendTLSPolicy } from './backend-tls-policy.ts';
export type { BackendTrafficPolicy } from './backend-traffic-policy.ts';
export { CLUSTER_KINDS } from './cluster-kinds.ts';
export type { Namespace, Node, Secret } from './core.ts';
export { durationMs } from './duration.ts';
export type { Backend } from './envoy-gateway.ts';
export type { EnvoyProxy } from './envoy-proxy.ts';
export type { FieldError } from './field-error.ts';
export type { Gateway } from './gateway.ts';
export type { GatewayClass } from './gateway-class.ts';
export type { HTTPRoute } from './http-route.ts';
export type { InferenceModel } from './inference-model.ts';
export type { InferencePoolV1, InferencePoolV1Alpha2 } from './inference-pool.ts';
export { KINDS, type KnownKind, type KnownObject, UNSERVED_POLICIES } from './kinds.ts';
export type { KubeObject } from './kube-object.ts';
export type { ListenerSet } from './listener-set.ts';
export { MAX_LEVELS, TOO_DEEP } from './nesting.ts';
export {
  BREAKWATER,
  GATEWAY_NAME,
  MANAGED_BY,
  OWNING_GATEWAY_NAME,
  OWNING_GATEWAY_NAMESPACE,
} from './owning-gateway.ts';
export { parseObject, type UnknownFields } from './parse-object.ts';
export type { ReferenceGrant } from './reference-grant.ts';
export { buildResourceSet, type ResourceEntry, type ResourceSet } from './resource-set.ts';
export { sameJson } from './same-json.ts';
export type { EndpointSlice, Service } from './service.ts';
export { isOwnGroup, type UnservedPolicy } from './unserved-policy.ts';
export type { Deployment, Pod } from './workload.ts';
