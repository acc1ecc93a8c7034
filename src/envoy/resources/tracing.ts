import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TraceTag, Tracing } from '../../plan/index.ts';
import { packAny } from '../any.ts';
import { OpenTelemetryConfigSchema } from '../gen/envoy/config/trace/v3/opentelemetry_pb.ts';
import type { HttpConnectionManager_TracingSchema } from '../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { StaticConfigResourceDetectorConfigSchema } from '../gen/envoy/extensions/tracers/opentelemetry/resource_detectors/v3/static_config_resource_detector_pb.ts';
import type { CustomTagSchema } from '../gen/envoy/type/tracing/v3/custom_tag_pb.ts';
import { grpcServiceOf } from './collector.ts';

/** Envoy Gateway, buildHCMTracing: a span of the request, and one of each try. */
export function tracingOf(tracing: Tracing): MessageInitShape<typeof HttpConnectionManager_TracingSchema> {
  const { collector, serviceName, resourceAttributes, tags } = tracing;
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
        }),
      },
    },
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
