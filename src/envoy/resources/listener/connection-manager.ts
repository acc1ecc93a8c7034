import type { MessageInitShape } from '@bufbuild/protobuf';
import { DEFAULT_STREAM_IDLE_MS, type Listener, modelHeadersOf, type Server } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import { OPERATOR, OPERATOR_HEADER } from '../../ext-proc/wire/wanted-headers.ts';
import type { HeaderMutationSchema as HeaderMutationEntrySchema } from '../../gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.ts';
import { HeaderValueOption_HeaderAppendAction as AppendAction } from '../../gen/envoy/config/core/v3/base_pb.ts';
import type { FilterSchema } from '../../gen/envoy/config/listener/v3/listener_components_pb.ts';
import { BufferSchema } from '../../gen/envoy/extensions/filters/http/buffer/v3/buffer_pb.ts';
import { CorsSchema } from '../../gen/envoy/extensions/filters/http/cors/v3/cors_pb.ts';
import { HTTPFaultSchema } from '../../gen/envoy/extensions/filters/http/fault/v3/fault_pb.ts';
import { HeaderMutationSchema } from '../../gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.ts';
import { RouterSchema } from '../../gen/envoy/extensions/filters/http/router/v3/router_pb.ts';
import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  HttpConnectionManagerSchema,
  type HttpFilterSchema,
  HttpConnectionManager_ServerHeaderTransformation as ServerHeader,
} from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { HeaderMutationSchema as EarlyHeaderMutationSchema } from '../../gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb.ts';
import { ADS, duration } from '../message-parts.ts';
import { pickerFilter } from '../picker-filter.ts';
import { DESTINATION, routeConfigurationName } from '../resource-names.ts';
import { BUFFER_FILTER, CORS_FILTER, FAULT_FILTER } from '../route/route-filter-messages.ts';
import { PICKER_ACCESS_LOG, requestLogs } from './access-log.ts';
import { modelFilter } from './model-filter.ts';
import { requestIdOf, tracingOf } from './tracing-message.ts';

/** From the first byte of a head to its last; the embedded plane's bound too. */
const HEAD_TIMEOUT_MS = 10_000;
/** A client that takes nothing of its answer; the embedded plane's bound too. */
const FLUSH_TIMEOUT_MS = 300_000;
/** Only there to be configured by routes; a buffer's own limit is required. */
const UNUSED_BUFFER_BYTES = 1;

/**
 * @param listener whose routes a TLS client gets; undefined: those of all listeners of the port
 * @param picked some of its requests go to pools
 * @param bound of an Envoy that is to end: connections that it had are drained as this differs, those that come have one request
 */
export function connectionManager(
  server: Server,
  listener: Listener | undefined,
  picked: boolean,
  { ending = false }: { readonly ending?: boolean },
): MessageInitShape<typeof FilterSchema> {
  const modelHeaders = modelHeadersOf(server.listeners);
  return {
    name: 'envoy.filters.network.http_connection_manager',
    configType: {
      case: 'typedConfig',
      value: packAny(HttpConnectionManagerSchema, {
        statPrefix: statPrefix(server),
        routeSpecifier: {
          case: 'rds',
          value: {
            configSource: ADS,
            routeConfigName: routeConfigurationName(server, listener),
          },
        },
        httpFilters: requestFilters(modelHeaders),
        accessLog: picked ? [...requestLogs(server), PICKER_ACCESS_LOG] : requestLogs(server),
        ...(server.telemetry?.requestId && {
          requestIdExtension: requestIdOf(server.telemetry.requestId),
        }),
        ...(server.telemetry?.tracing && { tracing: tracingOf(server.telemetry.tracing) }),
        useRemoteAddress: true,
        generateRequestId: true,
        // `breakwater explain` asks by it.
        alwaysSetRequestIdInResponse: true,
        serverHeaderTransformation: ServerHeader.PASS_THROUGH,
        normalizePath: true,
        mergeSlashes: true,
        pathWithEscapedSlashesAction: EscapedSlashes.UNESCAPE_AND_REDIRECT,
        streamIdleTimeout: duration(DEFAULT_STREAM_IDLE_MS),
        streamFlushTimeout: duration(FLUSH_TIMEOUT_MS),
        requestHeadersTimeout: duration(HEAD_TIMEOUT_MS),
        upgradeConfigs: [{ upgradeType: 'websocket', filters: [FAULT, pickerFilter('upgrade'), ...ROUTING] }],
        httpProtocolOptions: { enableTrailers: true },
        ...(ending && { commonHttpProtocolOptions: { maxRequestsPerConnection: 1 } }),
        // A client must not place its own requests, nor say who it is.
        earlyHeaderMutationExtensions: [
          {
            name: 'envoy.http.early_header_mutation.header_mutation',
            typedConfig: packAny(EarlyHeaderMutationSchema, {
              mutations: [...[DESTINATION, ...modelHeaders].map(removed), ...whoAsks(server)],
            }),
          },
        ],
      }),
    },
  };
}

/** For the picker: whether names and decisions may be told with the answer. */
function whoAsks({ operators }: Server): MessageInitShape<typeof HeaderMutationEntrySchema>[] {
  if (operators === 'nobody') return [OPERATOR_HEADER, 'x-breakwater-explain'].map(removed);
  const value = operators === 'everybody' ? OPERATOR : '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%';
  const header = { key: OPERATOR_HEADER, value };
  const appendAction = AppendAction.OVERWRITE_IF_EXISTS_OR_ADD;
  return [{ action: { case: 'append', value: { header, appendAction } } }];
}

function removed(value: string): MessageInitShape<typeof HeaderMutationEntrySchema> {
  return { action: { case: 'remove', value } };
}

/**
 * Envoy decides by the first route that it finds which filters a request has. Where the route depends on the model, that is not the
 * last word: the filters that routes ask for are there for all, and routes say which stay idle (see {@link idleUnlessAsked}).
 */
function requestFilters(modelHeaders: readonly string[]): HttpFilter[] {
  if (modelHeaders.length === 0) return [FAULT, CORS, buffer(true), pickerFilter('request'), ...ROUTING];
  return [modelFilter(modelHeaders), FAULT, CORS, buffer(false), pickerFilter('request', false), ...ROUTING];
}

/** Envoy Gateway's: the protocol and the port in its container, which may not bind low ones. */
function statPrefix({ protocol, port }: Server): string {
  return `${protocol.toLowerCase()}-${port < 1024 ? port + 10_000 : port}`;
}

type HttpFilter = MessageInitShape<typeof HttpFilterSchema>;

const FAULT: HttpFilter = {
  name: FAULT_FILTER,
  configType: { case: 'typedConfig', value: packAny(HTTPFaultSchema, {}) },
};

const CORS: HttpFilter = {
  name: CORS_FILTER,
  configType: { case: 'typedConfig', value: packAny(CorsSchema, {}) },
};

function buffer(disabled: boolean): HttpFilter {
  return {
    name: BUFFER_FILTER,
    ...(disabled && { disabled }),
    configType: {
      case: 'typedConfig',
      value: packAny(BufferSchema, { maxRequestBytes: UNUSED_BUFFER_BYTES }),
    },
  };
}

const ROUTING: readonly HttpFilter[] = [
  // What clients tell us, or the picker, is not for model servers.
  {
    name: 'envoy.filters.http.header_mutation',
    configType: {
      case: 'typedConfig',
      value: packAny(HeaderMutationSchema, {
        mutations: {
          requestMutations: [
            {
              action: {
                case: 'removeOnMatch',
                value: { keyMatcher: { matchPattern: { case: 'prefix', value: 'x-breakwater-' } } },
              },
            },
          ],
        },
      }),
    },
  },
  {
    name: 'envoy.filters.http.router',
    configType: { case: 'typedConfig', value: packAny(RouterSchema, {}) },
  },
];
