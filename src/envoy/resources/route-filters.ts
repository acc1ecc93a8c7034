import type { Any } from '@bufbuild/protobuf/wkt';
import type { Fault, Route } from '../../plan/index.ts';
import { packAny } from '../any.ts';
import { BufferPerRouteSchema } from '../gen/envoy/extensions/filters/http/buffer/v3/buffer_pb.ts';
import { ExtProcPerRouteSchema } from '../gen/envoy/extensions/filters/http/ext_proc/v3/ext_proc_pb.ts';
import { HTTPFaultSchema } from '../gen/envoy/extensions/filters/http/fault/v3/fault_pb.ts';
import { duration, fraction } from './common.ts';
import { CLUSTER_METADATA } from './names.ts';
import { PICKER_FILTERS, type PickerFilter, processingMode } from './picker-filter.ts';

/** Names of the HTTP filters that routes configure. */
export const FAULT_FILTER = 'envoy.filters.http.fault';
export const BUFFER_FILTER = 'envoy.filters.http.buffer';

/** What a route says to filters. */
export function routeFilters({ fault, requestBufferLimitBytes }: Route): Record<string, Any> {
  return {
    ...(fault && { [FAULT_FILTER]: faultConfig(fault) }),
    ...(requestBufferLimitBytes !== undefined && {
      [BUFFER_FILTER]: packAny(BufferPerRouteSchema, {
        override: { case: 'buffer', value: { maxRequestBytes: requestBufferLimitBytes } },
      }),
    }),
  };
}

/**
 * Asks the picker for requests to this cluster.
 * @param relayed it asks another picker, which is told what became of the request
 */
export function pickerFor(cluster: string, relayed: boolean): Record<string, Any> {
  const overrides = (kind: PickerFilter) =>
    packAny(ExtProcPerRouteSchema, {
      override: {
        case: 'overrides',
        value: {
          grpcInitialMetadata: [{ key: CLUSTER_METADATA, value: cluster }],
          ...(relayed && { processingMode: processingMode(kind, true) }),
        },
      },
    });
  return {
    [PICKER_FILTERS.request]: overrides('request'),
    [PICKER_FILTERS.upgrade]: overrides('upgrade'),
  };
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
