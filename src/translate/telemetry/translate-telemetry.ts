import type { EnvoyProxy } from '../../api/index.ts';
import type { AccessLog, ClusterStats, LogFormat, LogSink, Telemetry } from '../../plan/index.ts';
import type { BackendResolver } from '../backend/backend.ts';
import type { ClusterRegistry } from '../backend/cluster-registry.ts';
import type { GatewayContext } from '../gateway/translate-gateway.ts';
import type { Context } from '../translation-context.ts';
import { Collectors } from './translate-collector.ts';
import { tracingOf } from './translate-tracing.ts';

type TelemetrySpec = NonNullable<EnvoyProxy['spec']['telemetry']>;
type Setting = NonNullable<NonNullable<TelemetrySpec['accessLog']>['settings']>[number];
type Sink = Setting['sinks'][number];

/** What the Envoys of a Gateway tell of requests, as its EnvoyProxy says; undefined: what they tell by default. */
export function telemetryOf(
  context: Context,
  gateway: GatewayContext,
  resolver: BackendResolver,
  clusters: ClusterRegistry,
): Telemetry | undefined {
  if (context.plane === 'embedded') return undefined;
  const proxy = context.proxyOf(context.set, gateway.gateway, gateway.gatewayClass);
  const { accessLog, tracing, metrics, requestID } = proxy?.spec.telemetry ?? {};
  const told = accessLog ?? tracing ?? metrics ?? requestID;
  if (proxy === undefined || told === undefined) return undefined;
  const collectors = new Collectors(context, gateway, proxy.object, resolver, clusters);
  const accessLogs = accessLog && accessLogsOf(accessLog, proxy.object, collectors);
  const traced = tracing && tracingOf(tracing, gateway.gateway, collectors);
  const clusterStats = metrics && clusterStatsOf(metrics);
  const requestId = requestID?.tracing && REQUEST_ID[requestID.tracing];
  const telemetry = {
    ...(accessLogs === undefined ? {} : { accessLogs }),
    ...(traced === undefined ? {} : { tracing: traced }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(clusterStats === undefined ? {} : { clusterStats }),
  };
  return Object.keys(telemetry).length === 0 ? undefined : telemetry;
}

/** Envoy Gateway, RequestIDExtensionAction. */
const REQUEST_ID = {
  PackAndSample: { pack: true, sample: true },
  Sample: { pack: false, sample: true },
  Pack: { pack: true, sample: false },
  Disable: { pack: false, sample: false },
} as const;

function clusterStatsOf({
  enablePerEndpointStats: perEndpoint = false,
  enableRequestResponseSizesStats: requestResponseSizes = false,
}: NonNullable<TelemetrySpec['metrics']>): ClusterStats | undefined {
  return perEndpoint || requestResponseSizes ? { perEndpoint, requestResponseSizes } : undefined;
}

/** Envoy Gateway, processAccessLog. @returns undefined: the default one */
function accessLogsOf(
  { disable, settings = [] }: NonNullable<TelemetrySpec['accessLog']>,
  { metadata }: EnvoyProxy,
  collectors: Collectors,
): AccessLog[] | undefined {
  if (disable === true) return [];
  if (settings.length === 0) return undefined;
  const name = `${metadata.namespace}/${metadata.name}`;
  return settings.flatMap((setting, index) => {
    const { matches = [], sinks, type } = setting;
    // Said to have no effect elsewhere.
    if (type === 'Upstream') return [];
    return sinks.flatMap((sink, at) => {
      const path = ['spec', 'telemetry', 'accessLog', 'settings', index, 'sinks', at];
      const found = sinkOf(setting, sink, { name, place: `${index}_${at}`, path, collectors });
      const of = type === 'Listener' ? ('listener' as const) : ('requests' as const);
      return found === undefined ? [] : [{ of, matches, sink: found }];
    });
  });
}

interface Place {
  /** Of the EnvoyProxy, with its namespace. */
  readonly name: string;
  readonly place: string;
  readonly path: (string | number)[];
  readonly collectors: Collectors;
}

function sinkOf(
  { format }: Setting,
  sink: Sink,
  { name, place, path, collectors }: Place,
): LogSink | undefined {
  const { file, als, openTelemetry } = sink;
  if (file !== undefined) return { kind: 'file', path: file.path ?? '/dev/stdout', format: formatOf(format) };
  if (als !== undefined) {
    const collector = collectors.add(`accesslog_als_${place}`, als, [...path, 'als']);
    const { requestHeaders = [], responseHeaders = [], responseTrailers = [] } = als.http ?? {};
    return (
      collector && {
        kind: 'als',
        type: als.type,
        collector,
        logName: als.logName ?? name,
        requestHeaders,
        responseHeaders,
        responseTrailers,
      }
    );
  }
  if (openTelemetry === undefined) return undefined;
  const collector = collectors.add(`accesslog_otel_${place}`, openTelemetry, [...path, 'openTelemetry']);
  const { resources, resourceAttributes = resources ?? {} } = openTelemetry;
  // Without a type, both act here.
  const { type, text, json } = format ?? {};
  const body = type === 'JSON' ? undefined : text;
  const attributes = type === 'Text' ? undefined : json;
  return (
    collector && {
      kind: 'openTelemetry',
      collector,
      ...(body === undefined ? {} : { body }),
      ...(attributes === undefined ? {} : { attributes }),
      resourceAttributes,
    }
  );
}

/** Without a type: text where that alone is given. */
function formatOf({ type, text, json }: NonNullable<Setting['format']> = {}): LogFormat {
  const isText = type === undefined ? text !== undefined && json === undefined : type === 'Text';
  if (isText) return { kind: 'text', text: text ?? '' };
  return { kind: 'json', ...(json === undefined ? {} : { fields: json }) };
}
