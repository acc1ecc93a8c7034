import type { EnvoyProxy, Gateway, GatewayClass, ResourceSet } from '../../api/index.ts';
import { jsonMerge, strategicMerge } from './merge.ts';

export type ProxySpec = EnvoyProxy['spec'];
type Kubernetes = NonNullable<NonNullable<ProxySpec['provider']>['kubernetes']>;
export type DeploymentSpec = NonNullable<Kubernetes['envoyDeployment']>;
export type DaemonSetSpec = NonNullable<Kubernetes['envoyDaemonSet']>;
export type AutoscalerSpec = NonNullable<Kubernetes['envoyHpa']>;
export type DisruptionBudgetSpec = NonNullable<Kubernetes['envoyPDB']>;
export type ServiceSpec = NonNullable<Kubernetes['envoyService']>;

/** What an EnvoyProxy is when there is none. */
const NOTHING: ProxySpec = {};

/**
 * What a Gateway's EnvoyProxy and its class's come to (Envoy Gateway, MergeEnvoyProxyConfigs): the Gateway's own, whole, or over
 * the class's where its `mergeType` says so. References that lead nowhere are refused before this.
 */
export function proxySpecOf(set: ResourceSet, gateway: Gateway, gatewayClass: GatewayClass): ProxySpec {
  return proxyOf(set, gateway, gatewayClass)?.spec ?? NOTHING;
}

/** The same, with the one that was written last in it: references are of its namespace. */
export function proxyOf(
  set: ResourceSet,
  gateway: Gateway,
  gatewayClass: GatewayClass,
): { readonly spec: ProxySpec; readonly object: EnvoyProxy } | undefined {
  const { parametersRef } = gatewayClass.spec;
  const ofClass = found(set, parametersRef?.namespace, parametersRef);
  const own = found(set, gateway.metadata.namespace, gateway.spec.infrastructure?.parametersRef);
  const object = own ?? ofClass;
  return object && { spec: mergedSpec(ofClass?.spec, own?.spec), object };
}

function mergedSpec(base: ProxySpec | undefined, override: ProxySpec | undefined): ProxySpec {
  if (base === undefined || override === undefined) return override ?? base ?? NOTHING;
  switch (override.mergeType) {
    case 'StrategicMerge':
      return strategicMerge(base, override) as ProxySpec;
    case 'JSONMerge':
      return jsonMerge(base, override) as ProxySpec;
    default:
      return override;
  }
}

export function kubernetesOf({ provider }: ProxySpec): Kubernetes {
  return provider?.kubernetes ?? {};
}

function found(
  set: ResourceSet,
  namespace: string | undefined,
  ref: { readonly kind: string; readonly name: string } | undefined,
): EnvoyProxy | undefined {
  return ref?.kind === 'EnvoyProxy' ? set.get('EnvoyProxy', namespace ?? '', ref.name) : undefined;
}
