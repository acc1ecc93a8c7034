import type { Any } from '@bufbuild/protobuf/wkt';
import type { Fault, Route } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import { BufferPerRouteSchema } from '../../gen/envoy/extensions/filters/http/buffer/v3/buffer_pb.ts';
import { ExtProcPerRouteSchema } from '../../gen/envoy/extensions/filters/http/ext_proc/v3/ext_proc_pb.ts';
import { HTTPFaultSchema } from '../../gen/envoy/extensions/filters/http/fault/v3/fault_pb.ts';
import { duration, fraction } from '../message-parts.ts';
import { PICKER_FILTERS } from '../picker-filter.ts';
import { CLUSTER_METADATA, PICKER_CLUSTER } from '../resource-names.ts';
import { corsPolicy } from './cors-message.ts';

/** Names of the HTTP filters that routes configure. */
export const FAULT_FILTER = 'envoy.filters.http.fault';
export const CORS_FILTER = 'envoy.filters.http.cors';
export const BUFFER_FILTER = 'envoy.filters.http.buffer';

/** What a route says to filters. */
export function routeFilters({ fault, requestBufferLimitBytes, cors }: Route): Record<string, Any> {
  return {
    ...(fault && { [FAULT_FILTER]: faultConfig(fault) }),
    ...(cors && { [CORS_FILTER]: corsPolicy(cors) }),
    ...(requestBufferLimitBytes !== undefined && {
      [BUFFER_FILTER]: packAny(BufferPerRouteSchema, {
        override: { case: 'buffer', value: { maxRequestBytes: requestBufferLimitBytes } },
      }),
    }),
  };
}

/** Asks the picker for requests to this cluster. @param picker the cluster that leads to it */
export function pickerFor(cluster: string, picker: string): Record<string, Any> {
  const config = packAny(ExtProcPerRouteSchema, {
    override: {
      case: 'overrides',
      value: {
        grpcInitialMetadata: [{ key: CLUSTER_METADATA, value: cluster }],
        // Without one, the filter's own. A pool's name has a slash, which no authority may have (RFC 3986, section 3.2).
        ...(picker !== PICKER_CLUSTER && {
          grpcService: {
            targetSpecifier: {
              case: 'envoyGrpc',
              value: { clusterName: picker, authority: PICKER_CLUSTER },
            },
          },
        }),
      },
    },
  });
  return { [PICKER_FILTERS.request]: config, [PICKER_FILTERS.upgrade]: config };
}

function faultConfig({ delay, abort }: Fault): Any {
  return packAny(HTTPFaultSchema, {
    ...(delay && {
      delay: {
        faultDelaySecifier: { case: 'fixedDelay', value: duration(delay.fixedMs) },
        percentage: fraction(delay.percentage / 100),
      },
    }),
    ...(abort && {
      abort: {
        errorType: { case: 'httpStatus', value: abort.status },
        percentage: fraction(abort.percentage / 100),
      },
    }),
  });
}
