import type { Gateway } from '../../api/index.ts';
import { infrastructureName } from './gateway-object-names.ts';
import { patched } from './merge.ts';
import { type OwnedObject, ownedMetadata, stableLabels } from './owned-object.ts';
import type { AutoscalerSpec, DisruptionBudgetSpec } from './proxy-spec.ts';

/** Envoy Gateway, DefaultEnvoyProxyHpaMetrics. */
const CPU = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

/** @param deployment name of the one that is scaled */
export function autoscaler(
  gateway: Gateway,
  controllerName: string,
  config: AutoscalerSpec,
  deployment: string,
): OwnedObject {
  const { minReplicas, maxReplicas, metrics = [], behavior } = config;
  const object = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: ownedMetadata(gateway, controllerName, config.name ?? infrastructureName(gateway)),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment },
      ...(minReplicas === undefined ? {} : { minReplicas }),
      maxReplicas,
      metrics: metrics.length === 0 ? CPU : metrics,
      ...(behavior === undefined ? {} : { behavior }),
    },
  };
  return patched(object, config.patch);
}

export function disruptionBudget(
  gateway: Gateway,
  controllerName: string,
  config: DisruptionBudgetSpec,
): OwnedObject {
  const { minAvailable, maxUnavailable } = config;
  const object = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownedMetadata(gateway, controllerName, config.name ?? infrastructureName(gateway)),
    spec: {
      selector: { matchLabels: stableLabels(gateway) },
      ...(minAvailable === undefined ? {} : { minAvailable }),
      ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    },
  };
  return patched(object, config.patch);
}
