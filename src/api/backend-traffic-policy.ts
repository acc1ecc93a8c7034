import { z } from 'zod';
import { duration, labelSelector, quantity } from './common.ts';
import { kubeObject } from './kube-object.ts';

/** Fields that nothing here reads: kept, so that a status can say that they have no effect. */
const unread = z.looseObject({}).optional();
const count = z.int().min(0).max(4_294_967_295);
const percentage = z.number().min(0).max(100);

const targetRef = z.strictObject({
  group: z.string(),
  kind: z.string(),
  name: z.string().min(1).max(253),
  sectionName: z.string().optional(),
});

const targetSelector = z.strictObject({
  group: z.string().default('gateway.networking.k8s.io'),
  kind: z.string(),
  matchLabels: labelSelector.shape.matchLabels,
  matchExpressions: labelSelector.shape.matchExpressions,
  namespaces: z
    .strictObject({
      from: z.enum(['All', 'Selector', 'Same']).default('Same'),
      selector: labelSelector.optional(),
    })
    .optional(),
});

const circuitBreaker = z.strictObject({
  maxConnections: count.default(1024),
  maxPendingRequests: count.default(1024),
  maxParallelRequests: count.default(1024),
  maxParallelRetries: count.default(1024),
  maxRequestsPerConnection: count.optional(),
  perEndpoint: z.strictObject({ maxConnections: count.default(1024) }).optional(),
  retryBudget: z
    .strictObject({
      percent: z.strictObject({ numerator: z.int().min(0), denominator: z.int().min(1).default(100) }),
      minRetryConcurrency: count.optional(),
    })
    .optional(),
});

const activeHealthCheck = z.strictObject({
  type: z.enum(['HTTP', 'TCP', 'GRPC']),
  interval: duration.default('3s'),
  timeout: duration.default('1s'),
  initialJitter: duration.optional(),
  unhealthyThreshold: z.int().min(1).default(3),
  healthyThreshold: z.int().min(1).default(1),
  http: z
    .strictObject({
      path: z.string().min(1).max(1024),
      method: z.string().optional(),
      hostname: z.string().optional(),
      expectedStatuses: z.array(z.int().min(100).max(599)).optional(),
      retriableStatuses: z.array(z.int()).optional(),
      expectedResponse: unread,
      requestBody: unread,
    })
    .optional(),
  tcp: z.strictObject({ send: unread, receive: unread }).optional(),
  grpc: z.strictObject({ service: z.string().optional() }).optional(),
  overrides: unread,
  healthCheckLog: unread,
});

const passiveHealthCheck = z.strictObject({
  splitExternalLocalOriginErrors: z.boolean().default(false),
  interval: duration.default('3s'),
  consecutiveLocalOriginFailures: count.optional(),
  consecutiveGatewayErrors: count.optional(),
  consecutive5XxErrors: count.optional(),
  baseEjectionTime: duration.default('30s'),
  maxEjectionPercent: z.int().min(0).max(100).optional(),
  failurePercentageThreshold: z.int().min(0).max(100).optional(),
  alwaysEjectOneEndpoint: z.boolean().optional(),
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

const faultInjection = z.strictObject({
  delay: z.strictObject({ fixedDelay: duration, percentage: percentage.default(100) }).optional(),
  abort: z
    .strictObject({
      httpStatus: z.int().min(200).max(600).optional(),
      grpcStatus: z.int().optional(),
      percentage: percentage.default(100),
    })
    .optional(),
});

/** gateway.envoyproxy.io/v1alpha1 BackendTrafficPolicy */
export const backendTrafficPolicySchema = kubeObject({
  spec: z.strictObject({
    targetRef: targetRef.optional(),
    targetRefs: z.array(targetRef).min(1).max(16).optional(),
    targetSelectors: z.array(targetSelector).optional(),
    mergeType: z.enum(['StrategicMerge', 'JSONMerge', 'Replace']).optional(),
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
    requestBuffer: z.strictObject({ limit: quantity }).optional(),
    httpUpgrade: z.array(z.looseObject({ type: z.string() })).optional(),
    loadBalancer: z.looseObject({ type: z.string() }).optional(),
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
  }),
});

export type BackendTrafficPolicy = z.input<typeof backendTrafficPolicySchema>;
