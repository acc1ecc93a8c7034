import { z } from 'zod';
import { byteCount, duration, fraction, int32 } from './common.ts';
import { kubeObject } from './kube-object.ts';
import {
  admissionControl,
  bandwidthLimit,
  compression,
  connection,
  dns,
  http2,
  httpUpgrade,
  proxyProtocol,
  tcpKeepalive,
  telemetry,
} from './policy-connection.ts';
import { healthCheck } from './policy-health-check.ts';
import { loadBalancer } from './policy-load-balancer.ts';
import { rateLimit } from './policy-rate-limit.ts';
import { responseOverride } from './policy-response-override.ts';
import { policyRules, targetRef, targetSelector } from './policy-target.ts';
import { rule } from './rules.ts';

const count = z.int().min(0).max(4_294_967_295);
/** Over 100 is as good as 100. */
const percentage = z.number().default(100);

const circuitBreaker = z.strictObject({
  maxConnections: count.default(1024),
  maxPendingRequests: count.default(1024),
  maxParallelRequests: count.default(1024),
  maxParallelRetries: count.default(1024),
  maxRequestsPerConnection: count.optional(),
  perEndpoint: z.strictObject({ maxConnections: count.default(1024) }).optional(),
  retryBudget: z
    .strictObject({
      percent: fraction,
      minRetryConcurrency: int32.min(0).optional(),
    })
    .optional(),
});

const retry = z.strictObject({
  numRetries: int32.min(0).default(2),
  numAttemptsPerPriority: int32.min(0).optional(),
  retryOn: z
    .strictObject({
      triggers: z
        .array(
          z.enum([
            '5xx',
            'gateway-error',
            'reset',
            'reset-before-request',
            'connect-failure',
            'retriable-4xx',
            'refused-stream',
            'retriable-status-codes',
            'cancelled',
            'deadline-exceeded',
            'internal',
            'resource-exhausted',
            'unavailable',
          ]),
        )
        .optional(),
      httpStatusCodes: z.array(z.int().min(100).max(599)).optional(),
    })
    .optional(),
  perRetry: z
    .strictObject({
      timeout: duration.optional(),
      backOff: z
        .strictObject({ baseInterval: duration.optional(), maxInterval: duration.optional() })
        .optional(),
    })
    .optional(),
});

const abort = z
  .strictObject({
    httpStatus: z.int().min(200).max(600).optional(),
    grpcStatus: z.int().min(0).max(16).optional(),
    percentage,
  })
  .check(
    rule(
      'httpStatus and grpcStatus cannot be simultaneously defined.',
      each => each.httpStatus === undefined || each.grpcStatus === undefined,
    ),
    rule(
      'httpStatus and grpcStatus are set at least one.',
      each => each.httpStatus !== undefined || each.grpcStatus !== undefined,
    ),
  );

const faultInjection = z
  .strictObject({
    delay: z.strictObject({ fixedDelay: duration, percentage }).optional(),
    abort: abort.optional(),
  })
  .check(
    rule(
      'Delay and abort faults are set at least one.',
      fault => fault.delay !== undefined || fault.abort !== undefined,
    ),
  );

/** gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy */
export const backendTrafficPolicySchema = kubeObject({
  spec: z
    .strictObject({
      targetRef: targetRef.optional(),
      targetRefs: z.array(targetRef).optional(),
      targetSelectors: z.array(targetSelector).optional(),
      mergeType: z.enum(['StrategicMerge', 'JSONMerge']).optional(),
      circuitBreaker: circuitBreaker.optional(),
      timeout: z
        .strictObject({
          tcp: z.strictObject({ connectTimeout: duration.optional() }).optional(),
          http: z
            .strictObject({
              connectionIdleTimeout: duration.optional(),
              maxConnectionDuration: duration.optional(),
              requestTimeout: duration.optional(),
              maxStreamDuration: duration.optional(),
              streamIdleTimeout: duration.optional(),
            })
            .optional(),
        })
        .optional(),
      retry: retry.optional(),
      healthCheck: healthCheck.optional(),
      faultInjection: faultInjection.optional(),
      requestBuffer: z.strictObject({ limit: byteCount.optional() }).optional(),
      httpUpgrade: httpUpgrade.optional(),
      loadBalancer: loadBalancer.optional(),
      routingType: z.enum(['Service', 'Endpoint']).optional(),
      proxyProtocol: proxyProtocol.optional(),
      tcpKeepalive: tcpKeepalive.optional(),
      connection: connection.optional(),
      dns: dns.optional(),
      http2: http2.optional(),
      rateLimit: rateLimit.optional(),
      bandwidthLimit: bandwidthLimit.optional(),
      admissionControl: admissionControl.optional(),
      useClientProtocol: z.boolean().optional(),
      compression: compression.optional(),
      compressor: compression.optional(),
      responseOverride: z.array(responseOverride).optional(),
      telemetry: telemetry.optional(),
    })
    .check(
      ...policyRules,
      rule(
        'either compression or compressor can be set, not both',
        spec => spec.compression === undefined || spec.compressor === undefined,
      ),
      rule(
        'requestBuffer cannot be used together with httpUpgrade',
        spec => spec.requestBuffer === undefined || !spec.httpUpgrade?.length,
        () => ['requestBuffer'],
      ),
      rule(
        'predictivePercent in preconnect policy only works with RoundRobin or Random load balancers',
        spec =>
          spec.connection?.preconnect?.predictivePercent === undefined ||
          ['Random', 'RoundRobin'].includes(spec.loadBalancer?.type ?? ''),
        () => ['connection', 'preconnect', 'predictivePercent'],
      ),
    ),
});

export type BackendTrafficPolicy = z.input<typeof backendTrafficPolicySchema>;
