import type { EnvoyProxy } from '../../api/index.ts';
import type { PlaneKind } from '../../plan/index.ts';
import type { FieldWithoutEffect } from '../policy/policy-no-effect.ts';

/** Fields of an EnvoyProxy that no plane of Breakwater implements. */
const UNIMPLEMENTED = [
  'dynamicModules',
  'filterOrder',
  'geoIP',
  'luaValidation',
  'mergeBackends',
  'mergeGateways',
  'preserveRouteOrder',
  'routingType',
  'shutdown.healthCheckFailureDelay',
  'provider.kubernetes.useListenerPortAsContainerPort',
  'telemetry.tracing.spanName',
  'telemetry.tracing.tags',
  'telemetry.tracing.provider.zipkin',
  'telemetry.healthCheckLog',
  'telemetry.metrics.prometheus.compression',
  'telemetry.metrics.sinks',
  'telemetry.metrics.enableGRPCStats',
  'telemetry.metrics.enableVirtualHostStats',
  'telemetry.metrics.clusterStatName',
  'telemetry.metrics.routeStatName',
] as const;

/** What says how Envoys are run. */
const OF_ENVOY = [
  'bootstrap',
  'concurrency',
  'extraArgs',
  'shutdown.drainTimeout',
  'shutdown.minDrainDuration',
  'telemetry.accessLog',
  'telemetry.tracing',
  'telemetry.requestID',
  'telemetry.metrics.enablePerEndpointStats',
  'telemetry.metrics.enableRequestResponseSizesStats',
  'telemetry.metrics.matches',
  'telemetry.metrics.prometheus.disable',
  'provider.kubernetes.envoyDeployment',
  'provider.kubernetes.envoyDaemonSet',
  'provider.kubernetes.envoyHpa',
  'provider.kubernetes.envoyPDB',
  'provider.kubernetes.envoyServiceAccount',
] as const;

/** The fields of `spec` that change nothing, on a cluster; paths begin at `spec`. */
export function proxyFieldsWithoutEffect(
  spec: EnvoyProxy['spec'],
  plane: PlaneKind | undefined,
): FieldWithoutEffect[] {
  const set = (fields: readonly string[], why: string) =>
    fields
      .map(field => field.split('.'))
      .filter(path => valueAt(spec, path) !== undefined)
      .map(path => ({ path: ['spec', ...path], why }));
  const families =
    plane === 'envoy' && spec.ipFamily !== undefined && spec.ipFamily !== 'IPv4'
      ? [{ path: ['spec', 'ipFamily'], why: 'the Service has it, Envoys listen on IPv4 only' }]
      : [];
  return [
    ...set(UNIMPLEMENTED, 'not implemented by Breakwater'),
    ...(plane === 'embedded' ? [] : telemetryWithoutEffect(spec)),
    ...(plane === 'embedded' ? set(OF_ENVOY, 'the embedded plane has no Envoys') : []),
    ...families,
  ];
}

/** What in telemetry that acts does not. */
function telemetryWithoutEffect({ telemetry }: EnvoyProxy['spec']): FieldWithoutEffect[] {
  const { tracing, accessLog } = telemetry ?? {};
  const type = tracing?.provider.type ?? 'OpenTelemetry';
  const provider =
    type === 'OpenTelemetry'
      ? []
      : [
          {
            path: ['spec', 'telemetry', 'tracing', 'provider', 'type'],
            why: `provider ${type} is not implemented by Breakwater`,
          },
        ];
  const upstream = (accessLog?.settings ?? []).flatMap(({ type }, index) =>
    type === 'Upstream'
      ? {
          path: ['spec', 'telemetry', 'accessLog', 'settings', index, 'type'],
          why: 'logs of type Upstream are not implemented by Breakwater',
        }
      : [],
  );
  return [...provider, ...upstream];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
}
