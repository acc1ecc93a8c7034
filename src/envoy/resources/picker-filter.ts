import type { MessageInitShape } from '@bufbuild/protobuf';
import { packAny } from '../any.ts';
import { OUTCOME_ATTRIBUTES } from '../ext-proc/outcome.ts';
import { ExternalProcessorSchema } from '../gen/envoy/extensions/filters/http/ext_proc/v3/ext_proc_pb.ts';
import {
  ProcessingMode_BodySendMode as Body,
  ProcessingMode_HeaderSendMode as Headers,
  type ProcessingModeSchema,
} from '../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts';
import type { HttpFilterSchema } from '../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { duration } from './message-parts.ts';
import { DESTINATION_NAMESPACE, PICKER_CLUSTER } from './resource-names.ts';

/** The picker's filter, by what it does with the request's body: what a client says after an upgrade has no end. */
export const PICKER_FILTERS = {
  request: 'envoy.filters.http.ext_proc',
  upgrade: 'envoy.filters.http.ext_proc/upgrade',
} as const;
export type PickerFilter = keyof typeof PICKER_FILTERS;

/**
 * For each message. The picker answers at once unless its machine is in trouble, and a picker that is dead is known by its
 * connection. It is long because Envoy lets a request go on whose picker is late, and ends its stream: for the picker
 * that is the end of the request, whose permit it gives back while the model server is still at work.
 */
const PICK_TIMEOUT_MS = 10_000;
/** It asks for more time where it asks an external picker itself. */
const MAX_PICK_TIMEOUT_MS = 10_000;

/**
 * Asks the picker about requests of routes that say so. With the response's trailers asked for and its body not, the
 * picker's stream lives as long as the request and costs nothing per chunk: its end is the permit's end. A picker that
 * fails never cuts off what is in flight: FailClose is made by the routes.
 * @param disabled but for routes that say so
 */
export function pickerFilter(kind: PickerFilter, disabled = true): MessageInitShape<typeof HttpFilterSchema> {
  return {
    name: PICKER_FILTERS[kind],
    ...(disabled && { disabled }),
    configType: {
      case: 'typedConfig',
      value: packAny(ExternalProcessorSchema, {
        grpcService: {
          targetSpecifier: { case: 'envoyGrpc', value: { clusterName: PICKER_CLUSTER } },
        },
        failureModeAllow: true,
        messageTimeout: duration(PICK_TIMEOUT_MS),
        maxMessageTimeout: duration(MAX_PICK_TIMEOUT_MS),
        processingMode: processingMode(kind),
        metadataOptions: { receivingNamespaces: { untyped: [DESTINATION_NAMESPACE] } },
        mutationRules: { allowEnvoy: true },
        // The picker asks for the body of a 404, which may say that an endpoint does not have a model.
        allowModeOverride: true,
        responseAttributes: [...OUTCOME_ATTRIBUTES],
      }),
    },
  };
}

/** The picker sees the response's head, and whose it is: a model server's cools that, or counts as a fault; Envoy's own does not. */
function processingMode(kind: PickerFilter): MessageInitShape<typeof ProcessingModeSchema> {
  return {
    requestHeaderMode: Headers.SEND,
    requestBodyMode: kind === 'request' ? Body.BUFFERED : Body.NONE,
    requestTrailerMode: Headers.SKIP,
    responseHeaderMode: Headers.SEND,
    responseBodyMode: Body.NONE,
    responseTrailerMode: Headers.SEND,
  };
}
