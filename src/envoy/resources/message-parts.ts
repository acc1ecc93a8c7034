import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import type { Duration } from '@bufbuild/protobuf/wkt';
import { ApiVersion, type ConfigSourceSchema } from '../gen/envoy/config/core/v3/config_source_pb.ts';
import {
  FractionalPercent_DenominatorType,
  type FractionalPercentSchema,
} from '../gen/envoy/type/v3/percent_pb.ts';

/** What a message is made of, before it is one: may be spread. */
export type Parts<Desc extends DescMessage> = Exclude<MessageInitShape<Desc>, { readonly $typeName: string }>;

/** google.protobuf.Duration of milliseconds. */
export function duration(ms: number): Pick<Duration, 'seconds' | 'nanos'> {
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/** Over the stream that all else comes by too. */
export const ADS: MessageInitShape<typeof ConfigSourceSchema> = {
  resourceApiVersion: ApiVersion.V3,
  configSourceSpecifier: { case: 'ads', value: {} },
};

const MILLION = 1_000_000;

/** @param share 0..1 */
export function fraction(share: number): MessageInitShape<typeof FractionalPercentSchema> {
  return {
    numerator: Math.round(share * MILLION),
    denominator: FractionalPercent_DenominatorType.MILLION,
  };
}
