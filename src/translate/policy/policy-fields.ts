/**
 * What becomes of a field of a BackendTrafficPolicy. `acts`: as Envoy Gateway has it, but for values that `policy-no-effect.ts`
 * names; `decorates`: nothing, and it says so (what merely tunes is of this kind too); `restricts`: it would keep something
 * back, or change whom the backend takes the client for, and nobody does it: the policy is refused, and what it is about is
 * answered with 500.
 */
export type FieldEffect = 'acts' | 'decorates' | 'restricts';

/** Where a policy is: on routes (and what is around them), or on an InferencePool. */
export type PolicyPlace = 'routes' | 'pool';

/**
 * Every field of the schema is below one row; what acts is named to its last part (arrays are passed over), so that a new field
 * beside it is not taken for one that acts.
 */
const ON_ROUTES: Readonly<Record<string, FieldEffect>> = {
  targetRef: 'acts',
  targetRefs: 'acts',
  targetSelectors: 'acts',
  mergeType: 'acts',
  'circuitBreaker.maxConnections': 'acts',
  'circuitBreaker.maxPendingRequests': 'acts',
  'circuitBreaker.maxParallelRequests': 'acts',
  'circuitBreaker.maxParallelRetries': 'acts',
  'circuitBreaker.maxRequestsPerConnection': 'acts',
  'circuitBreaker.perEndpoint.maxConnections': 'acts',
  'circuitBreaker.retryBudget.percent.numerator': 'acts',
  'circuitBreaker.retryBudget.percent.denominator': 'acts',
  'circuitBreaker.retryBudget.minRetryConcurrency': 'acts',
  'timeout.tcp.connectTimeout': 'acts',
  'timeout.http.connectionIdleTimeout': 'acts',
  'timeout.http.maxConnectionDuration': 'acts',
  'timeout.http.requestTimeout': 'acts',
  'timeout.http.maxStreamDuration': 'acts',
  'timeout.http.streamIdleTimeout': 'acts',
  'requestBuffer.limit': 'acts',
  // Only LeastRequest.
  'loadBalancer.type': 'acts',
  'loadBalancer.consistentHash': 'decorates',
  'loadBalancer.backendUtilization': 'decorates',
  'loadBalancer.dynamicModule': 'decorates',
  'loadBalancer.endpointOverride': 'decorates',
  'loadBalancer.slowStart': 'decorates',
  'loadBalancer.zoneAware': 'decorates',
  // The backend expects it, and would take the gateway for every client.
  proxyProtocol: 'restricts',
  tcpKeepalive: 'decorates',
  // The buffers are a soft limit of Envoy's own memory.
  connection: 'decorates',
  dns: 'decorates',
  http2: 'decorates',
  rateLimit: 'restricts',
  bandwidthLimit: 'restricts',
  admissionControl: 'restricts',
  useClientProtocol: 'decorates',
  compression: 'decorates',
  compressor: 'decorates',
  responseOverride: 'decorates',
  telemetry: 'decorates',
  // Only Endpoint.
  routingType: 'acts',
  // Only websocket; any other upgrade is not made.
  'httpUpgrade.type': 'acts',
  'httpUpgrade.connect': 'decorates',
  'retry.numRetries': 'acts',
  'retry.numAttemptsPerPriority': 'decorates',
  'retry.retryOn.triggers': 'acts',
  'retry.retryOn.httpStatusCodes': 'acts',
  'retry.perRetry.timeout': 'acts',
  'retry.perRetry.backOff.baseInterval': 'acts',
  'retry.perRetry.backOff.maxInterval': 'acts',
  'healthCheck.panicThreshold': 'acts',
  'healthCheck.passive.failurePercentageThreshold': 'decorates',
  'healthCheck.passive.alwaysEjectOneEndpoint': 'decorates',
  'healthCheck.passive.splitExternalLocalOriginErrors': 'acts',
  'healthCheck.passive.interval': 'acts',
  'healthCheck.passive.consecutiveLocalOriginFailures': 'acts',
  'healthCheck.passive.consecutiveGatewayErrors': 'acts',
  'healthCheck.passive.consecutive5XxErrors': 'acts',
  'healthCheck.passive.baseEjectionTime': 'acts',
  'healthCheck.passive.maxEjectionPercent': 'acts',
  'healthCheck.active.initialJitter': 'decorates',
  'healthCheck.active.overrides': 'decorates',
  'healthCheck.active.healthCheckLog': 'decorates',
  'healthCheck.active.type': 'acts',
  'healthCheck.active.interval': 'acts',
  'healthCheck.active.timeout': 'acts',
  'healthCheck.active.unhealthyThreshold': 'acts',
  'healthCheck.active.healthyThreshold': 'acts',
  'healthCheck.active.http.path': 'acts',
  'healthCheck.active.http.method': 'acts',
  'healthCheck.active.http.hostname': 'acts',
  'healthCheck.active.http.expectedStatuses': 'acts',
  'healthCheck.active.http.retriableStatuses': 'decorates',
  'healthCheck.active.http.expectedResponse': 'decorates',
  'healthCheck.active.http.requestBody': 'decorates',
  'healthCheck.active.tcp.send': 'decorates',
  'healthCheck.active.tcp.receive': 'decorates',
  'healthCheck.active.grpc.service': 'decorates',
  'faultInjection.delay.fixedDelay': 'acts',
  'faultInjection.delay.percentage': 'acts',
  'faultInjection.abort.httpStatus': 'acts',
  'faultInjection.abort.grpcStatus': 'decorates',
  'faultInjection.abort.percentage': 'acts',
};

const ON_POOLS: Readonly<Record<string, FieldEffect>> = {
  targetRef: 'acts',
  targetRefs: 'acts',
  targetSelectors: 'acts',
  mergeType: 'decorates',
  'circuitBreaker.maxParallelRequests': 'acts',
  'circuitBreaker.maxPendingRequests': 'acts',
  // Not where it is no tighter than the limit of requests: a connection carries one at a time.
  'circuitBreaker.maxConnections': 'restricts',
  'circuitBreaker.perEndpoint': 'restricts',
  'circuitBreaker.maxParallelRetries': 'decorates',
  'circuitBreaker.maxRequestsPerConnection': 'decorates',
  'circuitBreaker.retryBudget': 'decorates',
  timeout: 'decorates',
  requestBuffer: 'restricts',
  loadBalancer: 'decorates',
  proxyProtocol: 'restricts',
  tcpKeepalive: 'decorates',
  connection: 'decorates',
  dns: 'decorates',
  http2: 'decorates',
  rateLimit: 'restricts',
  bandwidthLimit: 'restricts',
  admissionControl: 'restricts',
  useClientProtocol: 'decorates',
  compression: 'decorates',
  compressor: 'decorates',
  responseOverride: 'decorates',
  telemetry: 'decorates',
  routingType: 'decorates',
  httpUpgrade: 'decorates',
  retry: 'decorates',
  healthCheck: 'decorates',
  faultInjection: 'decorates',
};

export const POLICY_FIELDS: Readonly<Record<PolicyPlace, Readonly<Record<string, FieldEffect>>>> = {
  routes: ON_ROUTES,
  pool: ON_POOLS,
};

const ROWS = {
  routes: rowsOf(ON_ROUTES),
  pool: rowsOf(ON_POOLS),
};

function rowsOf(table: Readonly<Record<string, FieldEffect>>) {
  return Object.entries(table).map(([field, effect]) => ({ path: field.split('.'), effect }));
}

/** The fields with an effect that a policy sets, in the order of the table; what asks for nothing is as good as left out. */
export function fieldsSet(spec: object, place: PolicyPlace, effect: FieldEffect): string[][] {
  return ROWS[place]
    .filter(row => row.effect === effect && !asksForNothing(valueAt(spec, row.path)))
    .map(({ path }) => path);
}

/** What is as good as left out. */
function asksForNothing(value: unknown): boolean {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0);
}

function valueAt(spec: object, path: readonly string[]): unknown {
  let value: unknown = spec;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}
