import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RequestIdTracing, TraceSampler, TraceTag, Tracing } from '../../../plan/index.ts';
import { packAny } from '../../any.ts';
import type { TypedExtensionConfigSchema } from '../../gen/envoy/config/core/v3/extension_pb.ts';
import { OpenTelemetryConfigSchema } from '../../gen/envoy/config/trace/v3/opentelemetry_pb.ts';
import type {
  HttpConnectionManager_TracingSchema,
  RequestIDExtensionSchema,
} from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { UuidRequestIdConfigSchema } from '../../gen/envoy/extensions/request_id/uuid/v3/uuid_pb.ts';
import { StaticConfigResourceDetectorConfigSchema } from '../../gen/envoy/extensions/tracers/opentelemetry/resource_detectors/v3/static_config_resource_detector_pb.ts';
import { AlwaysOnSamplerConfigSchema } from '../../gen/envoy/extensions/tracers/opentelemetry/samplers/v3/always_on_sampler_pb.ts';
import { ParentBasedSamplerConfigSchema } from '../../gen/envoy/extensions/tracers/opentelemetry/samplers/v3/parent_based_sampler_pb.ts';
import { TraceIdRatioBasedSamplerConfigSchema } from '../../gen/envoy/extensions/tracers/opentelemetry/samplers/v3/trace_id_ratio_based_sampler_pb.ts';
import type { CustomTagSchema } from '../../gen/envoy/type/tracing/v3/custom_tag_pb.ts';
import { FractionalPercent_DenominatorType } from '../../gen/envoy/type/v3/percent_pb.ts';
import { grpcServiceOf } from './collector-message.ts';

type Extension = MessageInitShape<typeof TypedExtensionConfigSchema>;

/** Envoy Gateway, buildHCMTracing: a span of the request, and one of each try. */
export function tracingOf(tracing: Tracing): MessageInitShape<typeof HttpConnectionManager_TracingSchema> {
  const { collector, serviceName, resourceAttributes, tags, sampler } = tracing;
  const detectors =
    Object.keys(resourceAttributes).length === 0
      ? []
      : [
          {
            name: 'envoy.tracers.opentelemetry.resource_detectors.static_config',
            typedConfig: packAny(StaticConfigResourceDetectorConfigSchema, {
              attributes: { ...resourceAttributes },
            }),
          },
        ];
  return {
    clientSampling: { value: tracing.clientSampling },
    randomSampling: { value: tracing.randomSampling },
    overallSampling: { value: tracing.overallSampling },
    customTags: tags.map(tagOf),
    spawnUpstreamSpan: true,
    provider: {
      name: 'envoy.tracers.opentelemetry',
      configType: {
        case: 'typedConfig',
        value: packAny(OpenTelemetryConfigSchema, {
          grpcService: grpcServiceOf(collector),
          serviceName,
          resourceDetectors: detectors,
          ...(sampler && { sampler: samplerOf(sampler) }),
        }),
      },
    },
  };
}

const SAMPLERS = 'envoy.tracers.opentelemetry.samplers';

function samplerOf({ parentBased, percent }: TraceSampler): Extension {
  const own =
    percent === undefined
      ? { name: `${SAMPLERS}.always_on`, typedConfig: packAny(AlwaysOnSamplerConfigSchema, {}) }
      : {
          name: `${SAMPLERS}.trace_id_ratio_based`,
          typedConfig: packAny(TraceIdRatioBasedSamplerConfigSchema, {
            samplingPercentage: {
              numerator: Math.round(percent * 10_000),
              denominator: FractionalPercent_DenominatorType.MILLION,
            },
          }),
        };
  if (!parentBased) return own;
  return {
    name: `${SAMPLERS}.parent_based`,
    typedConfig: packAny(ParentBasedSamplerConfigSchema, { wrappedSampler: own }),
  };
}

/** What the name of a request has to do with traces. */
export function requestIdOf({
  pack,
  sample,
}: RequestIdTracing): MessageInitShape<typeof RequestIDExtensionSchema> {
  return {
    typedConfig: packAny(UuidRequestIdConfigSchema, {
      packTraceReason: pack,
      useRequestIdForTraceSampling: sample,
    }),
  };
}

function tagOf(from: TraceTag): MessageInitShape<typeof CustomTagSchema> {
  const { tag } = from;
  switch (from.kind) {
    case 'literal':
      return { tag, type: { case: 'literal', value: { value: from.value } } };
    case 'environment':
    case 'requestHeader': {
      const { kind, name, defaultValue } = from;
      return { tag, type: { case: kind, value: { name, defaultValue } } };
    }
  }
}
