import type { PolicySpec } from './policy-features.ts';
import { codesCount, GRPC_TRIGGERS } from './policy-retry.ts';
import type { FieldPath } from './problem.ts';

export interface FieldWithoutEffect {
  readonly path: FieldPath;
  readonly why: string;
}

/** Fields of a BackendTrafficPolicy that no plane of Breakwater implements. */
const UNIMPLEMENTED = [
  'proxyProtocol',
  'tcpKeepalive',
  'connection',
  'dns',
  'http2',
  'rateLimit',
  'bandwidthLimit',
  'admissionControl',
  'useClientProtocol',
  'compression',
  'compressor',
  'responseOverride',
  'telemetry',
] as const;

const NOT_IMPLEMENTED = 'not implemented by Breakwater';

/** What Breakwater reads of a policy that targets an InferencePool: a limit over all routes to it, and nothing of one route. */
const POOL_BREAKER_FIELDS: ReadonlySet<string> = new Set(['maxParallelRequests', 'maxPendingRequests']);
const TARGET_FIELDS: ReadonlySet<string> = new Set(['targetRef', 'targetRefs', 'targetSelectors']);

/** The fields of `spec` that change nothing, in the order of the API; paths begin at `spec`. */
export function fieldsWithoutEffect(spec: PolicySpec): FieldWithoutEffect[] {
  const found: FieldWithoutEffect[] = [];
  const add = (path: FieldPath, why = NOT_IMPLEMENTED) => found.push({ path: ['spec', ...path], why });
  const each = (object: object | undefined, path: FieldPath, fields: readonly string[]) => {
    for (const field of fields) if (isSet(object, field)) add([...path, field]);
  };

  const balancer = spec.loadBalancer;
  if (balancer && (balancer.type !== 'LeastRequest' || Object.keys(balancer).length > 1)) {
    add(['loadBalancer'], 'Breakwater always balances by least request, and pools by its picker');
  }
  each(
    spec,
    [],
    UNIMPLEMENTED.filter(field => !asksForNothing(spec[field])),
  );
  if (spec.routingType === 'Service') add(['routingType'], 'Breakwater always sends to endpoints');
  for (const [index, upgrade] of (spec.httpUpgrade ?? []).entries()) {
    if (upgrade.type.toLowerCase() !== 'websocket') add(['httpUpgrade', index]);
  }
  each(spec.retry, ['retry'], ['numAttemptsPerPriority']);
  addRetryOn(spec, add);
  each(spec.healthCheck?.passive, ['healthCheck', 'passive'], ['failurePercentageThreshold']);
  if (spec.healthCheck?.passive?.alwaysEjectOneEndpoint)
    add(['healthCheck', 'passive', 'alwaysEjectOneEndpoint']);
  const active = spec.healthCheck?.active;
  each(active, ['healthCheck', 'active'], ['initialJitter', 'overrides', 'healthCheckLog']);
  each(
    active?.http,
    ['healthCheck', 'active', 'http'],
    ['retriableStatuses', 'expectedResponse', 'requestBody'],
  );
  each(active?.tcp, ['healthCheck', 'active', 'tcp'], ['send', 'receive']);
  each(active?.grpc, ['healthCheck', 'active', 'grpc'], ['service']);
  each(spec.faultInjection?.abort, ['faultInjection', 'abort'], ['grpcStatus']);
  return found;
}

/** Of a policy that targets an InferencePool, in addition. */
export function fieldsWithoutEffectOnPool(spec: PolicySpec): FieldWithoutEffect[] {
  const why =
    'a policy on an InferencePool limits only maxParallelRequests and maxPendingRequests over all routes to it';
  const found: FieldWithoutEffect[] = [];
  for (const field of Object.keys(spec)) {
    if (TARGET_FIELDS.has(field) || !isSet(spec, field)) continue;
    if (field !== 'circuitBreaker') found.push({ path: ['spec', field], why });
  }
  // The API's own defaults are not what the author wrote.
  const breaker: object = spec.circuitBreaker ?? {};
  for (const [field, value] of Object.entries(breaker)) {
    if (!POOL_BREAKER_FIELDS.has(field) && value !== undefined && value !== 1024) {
      found.push({ path: ['spec', 'circuitBreaker', field], why });
    }
  }
  return found;
}

/** What is as good as left out. */
function asksForNothing(value: unknown): boolean {
  return value === false || (Array.isArray(value) && value.length === 0);
}

function addRetryOn(spec: PolicySpec, add: (path: FieldPath, why?: string) => void): void {
  const retryOn = spec.retry?.retryOn;
  const triggers = retryOn?.triggers ?? [];
  for (const [index, trigger] of triggers.entries()) {
    if (GRPC_TRIGGERS.has(trigger)) add(['retry', 'retryOn', 'triggers', index], `${trigger} is about gRPC`);
  }
  if ((retryOn?.httpStatusCodes ?? []).length > 0 && !codesCount(triggers)) {
    add(['retry', 'retryOn', 'httpStatusCodes'], 'triggers do not name retriable-status-codes');
  }
}

function isSet(object: object | undefined, field: string): boolean {
  return object !== undefined && (object as Readonly<Record<string, unknown>>)[field] !== undefined;
}
