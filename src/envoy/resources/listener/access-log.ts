import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AccessLog, Server } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import type { AccessLogSchema } from '../../gen/envoy/config/accesslog/v3/accesslog_pb.ts';
import { ApiVersion } from '../../gen/envoy/config/core/v3/config_source_pb.ts';
import { HttpGrpcAccessLogConfigSchema } from '../../gen/envoy/extensions/access_loggers/grpc/v3/als_pb.ts';
import { duration } from '../message-parts.ts';
import { DESTINATION, PICKER_CLUSTER } from '../resource-names.ts';
import { accessLogOf } from './log-sink.ts';

const DEFAULT = accessLogOf({
  of: 'requests',
  matches: [],
  sink: { kind: 'file', path: '/dev/stdout', format: { kind: 'json' } },
});

/** Of the requests of a server, as its EnvoyProxy says. */
export function requestLogs({ telemetry }: Server): MessageInitShape<typeof AccessLogSchema>[] {
  const { accessLogs } = telemetry ?? {};
  return accessLogs === undefined ? [DEFAULT] : logsOf('requests', accessLogs);
}

/** Of the connections of a server. */
export function connectionLogs({ telemetry }: Server): MessageInitShape<typeof AccessLogSchema>[] {
  return logsOf('listener', telemetry?.accessLogs ?? []);
}

function logsOf(
  what: AccessLog['of'],
  logs: readonly AccessLog[],
): MessageInitShape<typeof AccessLogSchema>[] {
  return logs.filter(({ of }) => of === what).map(accessLogOf);
}

/** `breakwater explain` knows what Envoy did within this. */
const FLUSH_MS = 250;

/**
 * Tells our picker how the requests ended that it has placed, a message for many: with no body, and in the way of nothing. What it has
 * refused it knows itself.
 */
export const PICKER_ACCESS_LOG: MessageInitShape<typeof AccessLogSchema> = {
  name: 'envoy.access_loggers.http_grpc',
  filter: {
    filterSpecifier: {
      case: 'headerFilter',
      value: {
        header: { name: DESTINATION, headerMatchSpecifier: { case: 'presentMatch', value: true } },
      },
    },
  },
  configType: {
    case: 'typedConfig',
    value: packAny(HttpGrpcAccessLogConfigSchema, {
      commonConfig: {
        logName: 'breakwater',
        grpcService: { targetSpecifier: { case: 'envoyGrpc', value: { clusterName: PICKER_CLUSTER } } },
        transportApiVersion: ApiVersion.V3,
        bufferFlushInterval: duration(FLUSH_MS),
      },
    }),
  },
};
