import { z } from 'zod';
import { duration, fraction, int32 } from '../common-schemas.ts';
import { rule } from '../schema-rules.ts';
import { connection, dns, http2, proxyProtocol, tcpKeepalive } from './policy-connection.ts';
import { healthCheck } from './policy-health-check.ts';
import { loadBalancer } from './policy-load-balancer.ts';

const count = z.int().min(0).max(4_294_967_295);

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

const timeout = z.strictObject({
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
});

/** ClusterSettings of Envoy Gateway: of a BackendTrafficPolicy, and of what an EnvoyProxy sends to. */
export const clusterSettings = {
  circuitBreaker: circuitBreaker.optional(),
  connection: connection.optional(),
  dns: dns.optional(),
  healthCheck: healthCheck.optional(),
  http2: http2.optional(),
  loadBalancer: loadBalancer.optional(),
  proxyProtocol: proxyProtocol.optional(),
  retry: retry.optional(),
  tcpKeepalive: tcpKeepalive.optional(),
  timeout: timeout.optional(),
};

interface Preconnecting {
  connection?: { preconnect?: { predictivePercent?: number | undefined } | undefined } | undefined;
  loadBalancer?: { type: string } | undefined;
}

export const preconnectRule = rule<Preconnecting>(
  'predictivePercent in preconnect policy only works with RoundRobin or Random load balancers',
  settings =>
    settings.connection?.preconnect?.predictivePercent === undefined ||
    ['Random', 'RoundRobin'].includes(settings.loadBalancer?.type ?? ''),
  () => ['connection', 'preconnect', 'predictivePercent'],
);
