export { CLUSTER_KINDS } from './cluster-kinds.ts';
export { durationMs } from './duration.ts';
export type { BackendTrafficPolicy } from './envoy-gateway/backend-traffic-policy.ts';
export type { Backend } from './envoy-gateway/envoy-gateway.ts';
export type { EnvoyProxy } from './envoy-gateway/envoy-proxy.ts';
export type { FieldError } from './field-error.ts';
export type { BackendTLSPolicy } from './gateway-api/backend-tls-policy.ts';
export type { Gateway } from './gateway-api/gateway.ts';
export type { GatewayClass } from './gateway-api/gateway-class.ts';
export type { HTTPRoute } from './gateway-api/http-route.ts';
export type { ListenerSet } from './gateway-api/listener-set.ts';
export {
  BREAKWATER,
  GATEWAY_NAME,
  MANAGED_BY,
  OWNING_GATEWAY_NAME,
  OWNING_GATEWAY_NAMESPACE,
} from './gateway-api/owning-gateway.ts';
export type { ReferenceGrant } from './gateway-api/reference-grant.ts';
export type { InferenceModel } from './inference/inference-model.ts';
export type { InferencePoolV1, InferencePoolV1Alpha2 } from './inference/inference-pool.ts';
export { KINDS, type KnownKind, type KnownObject, UNSERVED_POLICIES } from './kinds.ts';
export type { KubeObject } from './kube-object.ts';
export type { Namespace, Node, Secret } from './kubernetes/core.ts';
export { type EndpointSlice, SERVICE_NAME_LABEL, type Service } from './kubernetes/service.ts';
export type { Deployment, Pod } from './kubernetes/workload.ts';
export { MAX_LEVELS, TOO_DEEP } from './nesting.ts';
export { parseObject, type UnknownFields } from './parse-object.ts';
export { buildResourceSet, type ResourceEntry, type ResourceSet } from './resource-set.ts';
export { sameJson } from './same-json.ts';
export { distanceOf } from './similar-field.ts';
export { isOwnGroup, type UnservedPolicy } from './unserved-policy.ts';
