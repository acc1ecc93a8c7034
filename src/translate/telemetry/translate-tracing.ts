import type { EnvoyProxy, Gateway } from '../../api/index.ts';
import type { TraceSampler, TraceTag, Tracing } from '../../plan/index.ts';
import type { Collectors } from './translate-collector.ts';

type TracingSpec = NonNullable<NonNullable<EnvoyProxy['spec']['telemetry']>['tracing']>;
type Fraction = NonNullable<TracingSpec['samplingFraction']>;

const PATH = ['spec', 'telemetry', 'tracing', 'provider'];

/** Envoy Gateway, processTracing: of providers, OpenTelemetry. */
export function tracingOf(
  spec: TracingSpec,
  { metadata }: Gateway,
  collectors: Collectors,
): Tracing | undefined {
  const { provider, samplingRate, samplingFraction, clientSamplingFraction, overallSamplingFraction } = spec;
  if ((provider.type ?? 'OpenTelemetry') !== 'OpenTelemetry') return undefined;
  const { headers, resourceAttributes = {}, sampler: asked } = provider.openTelemetry ?? {};
  const sampler = asked && samplerOf(asked);
  const collector = collectors.add('tracing', { ...provider, headers }, PATH);
  return (
    collector && {
      collector,
      serviceName: provider.serviceName ?? `${metadata.name}.${metadata.namespace}`,
      resourceAttributes,
      randomSampling: sampler === undefined ? (samplingRate ?? percent(samplingFraction, 100)) : 100,
      // Clients do not say what is traced, but where that is asked for.
      clientSampling: percent(clientSamplingFraction, 0),
      overallSampling: percent(overallSamplingFraction, 100),
      tags: tagsOf(spec),
      ...(sampler === undefined ? {} : { sampler }),
    }
  );
}

type SamplerSpec = NonNullable<NonNullable<TracingSpec['provider']['openTelemetry']>['sampler']>;

/** Envoy Gateway, buildSampler. */
function samplerOf({ type = 'AlwaysOn', samplingPercentage }: SamplerSpec): TraceSampler {
  const parentBased = type.startsWith('ParentBased');
  if (type.endsWith('AlwaysOn')) return { parentBased };
  return { parentBased, percent: type.endsWith('AlwaysOff') ? 0 : percent(samplingPercentage, 100) };
}

function percent(fraction: Fraction | undefined, otherwise: number): number {
  if (fraction === undefined) return otherwise;
  return Math.min(100, (fraction.numerator * 100) / (fraction.denominator ?? 100));
}

/** By name. Envoy takes none that is empty (type/tracing/v3 CustomTag). */
function tagsOf({ customTags = {} }: TracingSpec): TraceTag[] {
  return Object.entries(customTags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([tag, { type = 'Literal', literal, environment, requestHeader }]): TraceTag[] => {
      if (type === 'Literal') return literal?.value ? [{ kind: 'literal', tag, value: literal.value }] : [];
      const from = type === 'Environment' ? environment : requestHeader;
      if (!from?.name) return [];
      const kind = type === 'Environment' ? 'environment' : 'requestHeader';
      return [{ kind, tag, name: from.name, defaultValue: from.defaultValue ?? '' }];
    });
}
