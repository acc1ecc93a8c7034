import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import type { AccessLog, Collector, LogFormat, LogSink } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import type {
  AccessLogFilterSchema,
  AccessLogSchema,
} from '../../gen/envoy/config/accesslog/v3/accesslog_pb.ts';
import { ApiVersion } from '../../gen/envoy/config/core/v3/config_source_pb.ts';
import type { TypedExtensionConfigSchema } from '../../gen/envoy/config/core/v3/extension_pb.ts';
import type { SubstitutionFormatStringSchema } from '../../gen/envoy/config/core/v3/substitution_format_string_pb.ts';
import { FileAccessLogSchema } from '../../gen/envoy/extensions/access_loggers/file/v3/file_pb.ts';
import { ExpressionFilterSchema } from '../../gen/envoy/extensions/access_loggers/filters/cel/v3/cel_pb.ts';
import {
  HttpGrpcAccessLogConfigSchema,
  TcpGrpcAccessLogConfigSchema,
} from '../../gen/envoy/extensions/access_loggers/grpc/v3/als_pb.ts';
import { OpenTelemetryAccessLogConfigSchema } from '../../gen/envoy/extensions/access_loggers/open_telemetry/v3/logs_service_pb.ts';
import {
  StderrAccessLogSchema,
  StdoutAccessLogSchema,
} from '../../gen/envoy/extensions/access_loggers/stream/v3/stream_pb.ts';
import { ReqWithoutQuerySchema } from '../../gen/envoy/extensions/formatter/req_without_query/v3/req_without_query_pb.ts';
import { grpcServiceOf } from './collector-message.ts';
import { LOG_FIELDS } from './log-fields.ts';

type EnvoyAccessLog = MessageInitShape<typeof AccessLogSchema>;

/** Envoy Gateway, buildXdsAccessLog. */
export function accessLogOf({ matches, sink }: AccessLog): EnvoyAccessLog {
  const [name, config] = loggerOf(sink);
  const filters = matches.map(celFilter);
  const [first, second] = filters;
  const filter: MessageInitShape<typeof AccessLogFilterSchema> | undefined =
    second === undefined ? first : { filterSpecifier: { case: 'andFilter', value: { filters } } };
  return {
    name,
    configType: { case: 'typedConfig', value: config },
    ...(filter === undefined ? {} : { filter }),
  };
}

function celFilter(expression: string): MessageInitShape<typeof AccessLogFilterSchema> {
  return {
    filterSpecifier: {
      case: 'extensionFilter',
      value: {
        name: 'envoy.access_loggers.extension_filters.cel',
        configType: { case: 'typedConfig', value: packAny(ExpressionFilterSchema, { expression }) },
      },
    },
  };
}

function loggerOf(sink: LogSink): readonly [name: string, config: Any] {
  switch (sink.kind) {
    case 'file':
      return fileLogger(sink.path, formatString(sink.format));
    case 'als': {
      const commonConfig = callOf(sink.collector, sink.logName);
      if (sink.type === 'TCP')
        return ['envoy.access_loggers.tcp_grpc', packAny(TcpGrpcAccessLogConfigSchema, { commonConfig })];
      const config = packAny(HttpGrpcAccessLogConfigSchema, {
        commonConfig,
        additionalRequestHeadersToLog: [...sink.requestHeaders],
        additionalResponseHeadersToLog: [...sink.responseHeaders],
        additionalResponseTrailersToLog: [...sink.responseTrailers],
      });
      return ['envoy.access_loggers.http_grpc', config];
    }
    case 'openTelemetry': {
      const { collector, body, attributes, resourceAttributes } = sink;
      const given = attributes ?? (body === undefined ? LOG_FIELDS : {});
      const formatters = formattersFor([body ?? '', ...Object.values(given)]);
      const config = packAny(OpenTelemetryAccessLogConfigSchema, {
        logName: 'otel_envoy_accesslog',
        grpcService: grpcServiceOf(collector),
        ...(body === undefined ? {} : { body: textValue(body) }),
        attributes: keyValues({ ...POD, ...given }),
        resourceAttributes: keyValues(resourceAttributes),
        formatters,
      });
      return ['envoy.access_loggers.open_telemetry', config];
    }
  }
}

/** What a container's own streams are named by: Envoy, which is not root there, may not open them as files. */
function fileLogger(path: string, format: MessageInitShape<typeof SubstitutionFormatStringSchema>) {
  const accessLogFormat = { case: 'logFormat' as const, value: format };
  switch (path) {
    case '/dev/stdout':
      return ['envoy.access_loggers.stdout', packAny(StdoutAccessLogSchema, { accessLogFormat })] as const;
    case '/dev/stderr':
      return ['envoy.access_loggers.stderr', packAny(StderrAccessLogSchema, { accessLogFormat })] as const;
    default:
      return ['envoy.access_loggers.file', packAny(FileAccessLogSchema, { path, accessLogFormat })] as const;
  }
}

function formatString(format: LogFormat): MessageInitShape<typeof SubstitutionFormatStringSchema> {
  if (format.kind === 'json') {
    const { fields = LOG_FIELDS } = format;
    const formatters = formattersFor(Object.values(fields));
    return { format: { case: 'jsonFormat', value: { ...fields } }, formatters };
  }
  return {
    format: {
      case: 'textFormatSource',
      value: { specifier: { case: 'inlineString', value: format.text } },
    },
    formatters: formattersFor([format.text]),
  };
}

/** Commands that are no part of Envoy's core. */
function formattersFor(texts: readonly string[]): MessageInitShape<typeof TypedExtensionConfigSchema>[] {
  if (!texts.some(text => text.includes('%REQ_WITHOUT_QUERY'))) return [];
  return [{ name: 'envoy.formatter.req_without_query', typedConfig: packAny(ReqWithoutQuerySchema, {}) }];
}

function callOf(collector: Collector, logName: string) {
  return { logName, grpcService: grpcServiceOf(collector), transportApiVersion: ApiVersion.V3 };
}

/** What only the Pod itself knows. */
const POD = {
  'k8s.namespace.name': '%ENVIRONMENT(ENVOY_POD_NAMESPACE)%',
  'k8s.pod.name': '%ENVIRONMENT(ENVOY_POD_NAME)%',
};

function keyValues(pairs: Readonly<Record<string, string>>) {
  return { values: Object.entries(pairs).map(([key, text]) => ({ key, value: textValue(text) })) };
}

function textValue(text: string) {
  return { value: { case: 'stringValue' as const, value: text } };
}
