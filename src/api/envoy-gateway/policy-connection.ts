import { z } from 'zod';
import { byteCount, duration, fraction, int32 } from '../common-schemas.ts';
import { durationMs } from '../duration.ts';
import { rule } from '../schema-rules.ts';

// Fields of a BackendTrafficPolicy about connections, and what is measured and told of them.

export const proxyProtocol = z.strictObject({ version: z.enum(['V1', 'V2']) });

export const tcpKeepalive = z.strictObject({
  probes: int32.optional(),
  idleTime: duration.optional(),
  interval: duration.optional(),
});

export const connection = z.strictObject({
  bufferLimit: byteCount.optional(),
  socketBufferLimit: byteCount.optional(),
  preconnect: z
    .strictObject({
      perEndpointPercent: int32.min(100).max(300).optional(),
      predictivePercent: int32.min(100).optional(),
    })
    .optional(),
});

export const dns = z.strictObject({
  dnsRefreshRate: duration.optional(),
  lookupFamily: z.enum(['IPv4', 'IPv6', 'IPv4Preferred', 'IPv6Preferred', 'IPv4AndIPv6']).optional(),
  respectDnsTtl: z.boolean().optional(),
});

export const http2 = z.strictObject({
  initialStreamWindowSize: byteCount.optional(),
  initialConnectionWindowSize: byteCount.optional(),
  maxConcurrentStreams: int32.min(1).optional(),
  onInvalidMessage: z.string().optional(),
  connectionKeepalive: z
    .strictObject({
      interval: duration.optional(),
      timeout: duration.optional(),
      intervalJitter: z.int().min(0).max(100).optional(),
      idleInterval: duration.optional(),
    })
    .check(
      rule(
        'timeout must be less than interval',
        ({ timeout, interval }) =>
          timeout === undefined ||
          interval === undefined ||
          (durationMs(timeout) ?? 0) < (durationMs(interval) ?? 0),
      ),
    )
    .optional(),
});

const bandwidth = z.strictObject({ value: byteCount, unit: z.enum(['Second', 'Minute', 'Hour']) });

export const bandwidthLimit = z
  .strictObject({
    request: z.strictObject({ limit: bandwidth }).optional(),
    response: z
      .strictObject({
        limit: bandwidth,
        responseTrailers: z
          .strictObject({
            prefix: z
              .string()
              .regex(/^[^\r\n\x00]*$/)
              .optional(),
          })
          .optional(),
      })
      .optional(),
  })
  .check(
    rule(
      'at least one of request or response must be specified',
      each => each.request !== undefined || each.response !== undefined,
    ),
  );

const GRPC_CODES = [
  'Ok',
  'Cancelled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const;

export const admissionControl = z.strictObject({
  minSuccessRate: z.int().min(1).max(100).optional(),
  maxRejectionPercent: z.int().min(0).max(100).optional(),
  minRequestRate: int32.min(0).optional(),
  rejectionAggression: int32.min(1).optional(),
  samplingWindow: duration
    .check(rule('samplingWindow must be at least 1s', text => (durationMs(text) ?? 0) >= 1000))
    .optional(),
  successCriteria: z
    .strictObject({
      grpc: z.strictObject({ statusCodes: z.array(z.enum(GRPC_CODES)).optional() }).optional(),
      http: z.strictObject({ statusCodes: z.array(z.int().min(100).max(599)).optional() }).optional(),
    })
    .optional(),
});

export const compressor = z.strictObject({
  type: z.enum(['Gzip', 'Brotli', 'Zstd']),
  gzip: z.strictObject({}).optional(),
  brotli: z.strictObject({}).optional(),
  zstd: z.strictObject({}).optional(),
  minContentLength: byteCount.optional(),
});

export const compression = z.array(compressor);

export const httpUpgrade = z.array(
  z
    .strictObject({
      type: z.string(),
      connect: z.strictObject({ terminate: z.boolean().optional() }).optional(),
    })
    .check(
      rule(
        'The connect configuration is only allowed when the type is CONNECT.',
        upgrade => upgrade.connect === undefined || upgrade.type === 'CONNECT',
      ),
    ),
);

const withDefault = z.strictObject({ name: z.string(), defaultValue: z.string().optional() });

const customTag = z.strictObject({
  type: z.enum(['Literal', 'Environment', 'RequestHeader']).default('Literal'),
  literal: z.strictObject({ value: z.string() }).optional(),
  environment: withDefault.optional(),
  requestHeader: withDefault.optional(),
});

/** Tracing, of a policy and of an EnvoyProxy. */
export const tracing = {
  samplingFraction: fraction.optional(),
  clientSamplingFraction: fraction.optional(),
  overallSamplingFraction: fraction.optional(),
  customTags: z.record(z.string(), customTag).optional(),
  spanName: z.strictObject({ client: z.string(), server: z.string() }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
};

export const telemetry = z.strictObject({
  metrics: z.strictObject({ routeStatName: z.string().optional() }).optional(),
  tracing: z.strictObject(tracing).optional(),
});
