import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { type Cluster, NO_TRAILER_PREFIXES, NO_TRAILERS, type Thresholds } from '../../plan/index.ts';
import { packAny } from '../any.ts';
import type { HeaderMutationSchema as MutationSchema } from '../gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.ts';
import { HeaderMutationSchema } from '../gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.ts';
import { UpstreamCodecSchema } from '../gen/envoy/extensions/filters/http/upstream_codec/v3/upstream_codec_pb.ts';
import type { HttpFilterSchema } from '../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { HttpProtocolOptionsSchema } from '../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts';
import { duration } from './message-parts.ts';

type Mutation = MessageInitShape<typeof MutationSchema>;

function without(name: string): Mutation {
  return { action: { case: 'remove', value: name } };
}

function withoutAll(prefix: string): Mutation {
  return {
    action: {
      case: 'removeOnMatch',
      value: { keyMatcher: { matchPattern: { case: 'prefix', value: prefix } } },
    },
  };
}

const OURS: readonly Mutation[] = [
  withoutAll('x-breakwater-'),
  without('x-envoy-overloaded'),
  without('x-envoy-ratelimited'),
];

const TRAILERS: Mutation[] = [...OURS, ...NO_TRAILERS.map(without), ...NO_TRAILER_PREFIXES.map(withoutAll)];

/**
 * What a model server says in the name of the gateway is taken away before Envoy itself reads it. As a filter of the cluster it sees
 * answers of servers only, and never Envoy's own. What trailers of requests must not say is taken away there too.
 */
const OUR_NAMES: MessageInitShape<typeof HttpFilterSchema> = {
  name: 'envoy.filters.http.header_mutation',
  configType: {
    case: 'typedConfig',
    value: packAny(HeaderMutationSchema, {
      mutations: {
        responseMutations: [...OURS],
        responseTrailersMutations: TRAILERS,
        requestTrailersMutations: TRAILERS,
      },
    }),
  },
};

/** The last of a cluster's filters, which sends (HttpProtocolOptions.http_filters). */
const CODEC: MessageInitShape<typeof HttpFilterSchema> = {
  name: 'envoy.filters.http.upstream_codec',
  configType: { case: 'typedConfig', value: packAny(UpstreamCodecSchema, {}) },
};

/** Clusters differ in few ways here: the same message is packed once. */
const made = new Map<string, Readonly<Record<string, Any>>>();
const MAX_MADE = 256;

/** How endpoints of a cluster are spoken to. */
export function upstreamProtocol(
  { http2, idleTimeoutMs, maxConnectionDurationMs = 0 }: Cluster,
  { maxRequestsPerConnection }: Thresholds,
): Record<string, Any> {
  const key = `${http2 === true} ${idleTimeoutMs} ${maxConnectionDurationMs} ${maxRequestsPerConnection}`;
  let options = made.get(key);
  if (options === undefined) {
    options = {
      [HttpProtocolOptionsSchema.typeName]: packAny(HttpProtocolOptionsSchema, {
        commonHttpProtocolOptions: {
          idleTimeout: duration(idleTimeoutMs),
          ...(maxConnectionDurationMs > 0 && { maxConnectionDuration: duration(maxConnectionDurationMs) }),
          ...(maxRequestsPerConnection > 0 && { maxRequestsPerConnection }),
        },
        upstreamProtocolOptions: {
          case: 'explicitHttpConfig',
          value: {
            protocolConfig:
              http2 === true
                ? { case: 'http2ProtocolOptions', value: {} }
                : { case: 'httpProtocolOptions', value: { enableTrailers: true } },
          },
        },
        httpFilters: [OUR_NAMES, CODEC],
      }),
    };
    if (made.size >= MAX_MADE) made.clear();
    made.set(key, options);
  }
  return options;
}
