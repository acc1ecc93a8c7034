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
  const { parametersRef } = gatewayClass.spec;
  const ofClass = specOf(set, parametersRef?.namespace, parametersRef);
  const own = specOf(set, gateway.metadata.namespace, gateway.spec.infrastructure?.parametersRef);
  return mergedSpec(ofClass, own);
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

function specOf(
  set: ResourceSet,
  namespace: string | undefined,
  ref: { readonly kind: string; readonly name: string } | undefined,
): ProxySpec | undefined {
  return ref?.kind === 'EnvoyProxy' ? set.get('EnvoyProxy', namespace ?? '', ref.name)?.spec : undefined;
}
