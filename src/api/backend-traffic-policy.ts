import { z } from 'zod';
import { duration, preciseHostname } from './common.ts';
import { kubeObject } from './kube-object.ts';
import { policyRules, targetRef, targetSelector } from './policy-target.ts';
import { rule } from './rules.ts';

/** Fields that nothing here reads: kept, so that a status can say that they have no effect. */
const unread = z.looseObject({}).optional();
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
      percent: z
        .strictObject({ numerator: z.int().min(0), denominator: z.int().min(1).default(100) })
        .check(
          rule(
            'numerator must be less than or equal to denominator',
            percent => percent.numerator <= percent.denominator,
          ),
        ),
      minRetryConcurrency: count.optional(),
    })
    .optional(),
});

const status = z.int().min(100).max(599);

const activeHealthCheck = z
  .strictObject({
    type: z.enum(['HTTP', 'TCP', 'GRPC']),
    interval: duration.default('3s'),
    timeout: duration.default('1s'),
    initialJitter: duration.optional(),
    unhealthyThreshold: z.int().min(1).default(3),
    healthyThreshold: z.int().min(1).default(1),
    http: z
      .strictObject({
        path: z.string().min(1).max(1024),
        method: z.string().max(16).optional(),
        hostname: preciseHostname.optional(),
        expectedStatuses: z.array(status).optional(),
        retriableStatuses: z.array(status).optional(),
        expectedResponse: unread,
        requestBody: unread,
      })
      .check(
        rule(
          'The requestBody field can only be set when method is POST or PUT.',
          http =>
            http.requestBody === undefined || ['POST', 'PUT'].includes(http.method?.toUpperCase() ?? ''),
          () => ['requestBody'],
        ),
      )
      .optional(),
    tcp: z.strictObject({ send: unread, receive: unread }).optional(),
    grpc: z.strictObject({ service: z.string().optional() }).optional(),
    overrides: unread,
    healthCheckLog: unread,
  })
  .check(
    rule(
      'If Health Checker type is HTTP, http field needs to be set.',
      check => (check.type === 'HTTP') === (check.http !== undefined),
    ),
    rule(
      'If Health Checker type is TCP, tcp field needs to be set.',
      check => (check.type === 'TCP') === (check.tcp !== undefined),
    ),
    rule(
      'The grpc field can only be set if the Health Checker type is GRPC.',
      check => check.type === 'GRPC' || check.grpc === undefined,
      () => ['grpc'],
    ),
  );

const passiveHealthCheck = z.strictObject({
  splitExternalLocalOriginErrors: z.boolean().default(false),
  interval: duration.default('3s'),
  consecutiveLocalOriginFailures: count.default(5),
  consecutiveGatewayErrors: count.optional(),
  consecutive5XxErrors: count.default(5),
  baseEjectionTime: duration.default('30s'),
  maxEjectionPercent: z.int().min(0).max(100).default(10),
  failurePercentageThreshold: z.int().min(0).max(100).optional(),
  alwaysEjectOneEndpoint: z.boolean().default(false),
});

const retry = z.strictObject({
  numRetries: z.int().min(0).default(2),
  numAttemptsPerPriority: z.int().min(0).optional(),
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

/** A resource.Quantity that the CRD narrows down to whole multiples. */
const bufferLimit = z.union([z.int(), z.string().regex(/^[1-9]+[0-9]*([EPTGMK]i|[EPTGMk])?$/)]);

/** gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy */
export const backendTrafficPolicySchema = kubeObject({
  spec: z
    .strictObject({
      targetRef: targetRef.optional(),
      targetRefs: z.array(targetRef).min(1).optional(),
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
      healthCheck: z
        .strictObject({
          active: activeHealthCheck.optional(),
          passive: passiveHealthCheck.optional(),
          panicThreshold: z.int().min(0).max(100).optional(),
        })
        .optional(),
      faultInjection: faultInjection.optional(),
      requestBuffer: z.strictObject({ limit: bufferLimit }).optional(),
      httpUpgrade: z.array(z.looseObject({ type: z.string() })).optional(),
      loadBalancer: z
        .looseObject({
          type: z.enum([
            'ConsistentHash',
            'LeastRequest',
            'Random',
            'RoundRobin',
            'BackendUtilization',
            'DynamicModule',
          ]),
        })
        .optional(),
      routingType: z.enum(['Service', 'Endpoint']).optional(),
      proxyProtocol: unread,
      tcpKeepalive: unread,
      connection: unread,
      dns: unread,
      http2: unread,
      rateLimit: unread,
      bandwidthLimit: unread,
      admissionControl: unread,
      useClientProtocol: z.boolean().optional(),
      compression: z.array(z.looseObject({})).optional(),
      compressor: z.array(z.looseObject({})).optional(),
      responseOverride: z.array(z.looseObject({})).optional(),
      telemetry: unread,
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
    ),
});

export type BackendTrafficPolicy = z.input<typeof backendTrafficPolicySchema>;
