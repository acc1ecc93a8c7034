import type { MessageInitShape } from '@bufbuild/protobuf';
import { packAny } from '../any.ts';
import type { AccessLogSchema } from '../gen/envoy/config/accesslog/v3/accesslog_pb.ts';
import { ApiVersion } from '../gen/envoy/config/core/v3/config_source_pb.ts';
import { HttpGrpcAccessLogConfigSchema } from '../gen/envoy/extensions/access_loggers/grpc/v3/als_pb.ts';
import { StdoutAccessLogSchema } from '../gen/envoy/extensions/access_loggers/stream/v3/stream_pb.ts';
import { duration } from './common.ts';
import { DESTINATION, PICKER_CLUSTER } from './names.ts';

/** Envoy Gateway's default fields, a line of JSON for each request. */
const FIELDS = {
  start_time: '%START_TIME%',
  method: '%REQ(:METHOD)%',
  'x-envoy-origin-path': '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  'x-envoy-upstream-service-time': '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  'x-forwarded-for': '%REQ(X-FORWARDED-FOR)%',
  'user-agent': '%REQ(USER-AGENT)%',
  'x-request-id': '%REQ(X-REQUEST-ID)%',
  ':authority': '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  route_name: '%ROUTE_NAME%',
} as const;

export const ACCESS_LOG: MessageInitShape<typeof AccessLogSchema> = {
  name: 'envoy.access_loggers.stdout',
  configType: {
    case: 'typedConfig',
    value: packAny(StdoutAccessLogSchema, {
      accessLogFormat: { case: 'logFormat', value: { format: { case: 'jsonFormat', value: { ...FIELDS } } } },
    }),
  },
};

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
