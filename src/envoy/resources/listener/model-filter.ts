import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { modelHeadersOf, type Route, type Server } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import { MODEL_METADATA } from '../../ext-proc/model-call.ts';
import { BufferPerRouteSchema } from '../../gen/envoy/extensions/filters/http/buffer/v3/buffer_pb.ts';
import {
  ExternalProcessorSchema,
  ExtProcPerRouteSchema,
} from '../../gen/envoy/extensions/filters/http/ext_proc/v3/ext_proc_pb.ts';
import {
  ProcessingMode_BodySendMode as Body,
  ProcessingMode_HeaderSendMode as Headers,
} from '../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts';
import type { HttpFilterSchema } from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { StatusCode } from '../../gen/envoy/type/v3/http_status_pb.ts';
import { duration } from '../message-parts.ts';
import { PICKER_FILTERS } from '../picker-filter.ts';
import { PICKER_CLUSTER, virtualHostName } from '../resource-names.ts';
import { BUFFER_FILTER } from '../route/route-filter-messages.ts';
import type { DomainRoutes } from '../route/virtual-hosts.ts';

const MODEL_FILTER = 'envoy.filters.http.ext_proc/model';

/** It answers at once; longer takes only a machine in trouble. */
const TIMEOUT_MS = 10_000;

/** All that says how a body is to be read. */
const FORWARDED = ['content-type', 'content-encoding', 'content-length'];

/**
 * Asks our picker's process which model a body asks for, and has the route chosen anew by it. Without an answer nobody knows where the
 * request belongs: 503, whatever the failureMode of pools is. Its stream ends with the answer to the request's body.
 * @param names headers that are set, in lower case
 */
export function modelFilter(names: readonly string[]): MessageInitShape<typeof HttpFilterSchema> {
  return {
    name: MODEL_FILTER,
    configType: {
      case: 'typedConfig',
      value: packAny(ExternalProcessorSchema, {
        grpcService: {
          targetSpecifier: { case: 'envoyGrpc', value: { clusterName: PICKER_CLUSTER } },
          initialMetadata: [{ key: MODEL_METADATA, value: names.join(',') }],
        },
        failureModeAllow: false,
        statusOnError: { code: StatusCode.ServiceUnavailable },
        messageTimeout: duration(TIMEOUT_MS),
        processingMode: {
          requestHeaderMode: Headers.SEND,
          requestBodyMode: Body.BUFFERED,
          requestTrailerMode: Headers.SKIP,
          responseHeaderMode: Headers.SKIP,
          responseBodyMode: Body.NONE,
          responseTrailerMode: Headers.SKIP,
        },
        // A refusal says x-envoy-overloaded.
        mutationRules: { allowEnvoy: true },
        forwardRules: {
          allowedHeaders: {
            patterns: FORWARDED.map(value => ({ matchPattern: { case: 'exact' as const, value } })),
          },
        },
      }),
    },
  };
}

/** Of a virtual host where filters are there for all: those that only some routes ask for. @param routes its own */
export function idleUnlessAsked(routes: readonly Route[]): Record<string, Any> {
  const idle = packAny(ExtProcPerRouteSchema, { override: { case: 'disabled', value: true } });
  const asksModel = modelHeadersOf([{ name: '', certificates: [], virtualHosts: [{ domain: '', routes }] }]);
  return {
    ...(asksModel.length === 0 && { [MODEL_FILTER]: idle }),
    [BUFFER_FILTER]: packAny(BufferPerRouteSchema, { override: { case: 'disabled', value: true } }),
    [PICKER_FILTERS.request]: idle,
  };
}

/** Every host has a virtual host: where there is no route, nothing would say which filters stay idle. */
export function withoutGaps(server: Server, hosts: readonly DomainRoutes[]): readonly DomainRoutes[] {
  const [listener] = server.listeners;
  if (listener === undefined || hosts.some(({ domain }) => domain === '*')) return hosts;
  return [...hosts, { name: virtualHostName(server, listener, '*'), domain: '*', routes: [] }];
}
