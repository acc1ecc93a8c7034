import type { FieldPath } from '../problem.ts';
import { fieldsSet, type PolicyPlace } from './policy-fields.ts';
import { codesCount, GRPC_TRIGGERS } from './policy-retry.ts';
import type { PolicySpec } from './policy-spec.ts';

export interface FieldWithoutEffect {
  readonly path: FieldPath;
  readonly why: string;
}

const NOT_IMPLEMENTED = 'not implemented by Breakwater';
const NOT_ON_POOLS =
  'a policy on an InferencePool limits only maxParallelRequests and maxPendingRequests over all routes to it';
/** The CRD's default of the counts of a circuit breaker. */
const DEFAULT_COUNT = 1024;

/** The fields of `spec` that change nothing and restrict nothing; paths begin at `spec`. */
export function fieldsWithoutEffect(spec: PolicySpec): FieldWithoutEffect[] {
  const found: FieldWithoutEffect[] = [];
  const add = (path: FieldPath, why = NOT_IMPLEMENTED) => found.push({ path: ['spec', ...path], why });
  const balancer = spec.loadBalancer;
  if (balancer && (balancer.type !== 'LeastRequest' || Object.keys(balancer).length > 1)) {
    add(['loadBalancer'], 'Breakwater always balances by least request, and pools by its picker');
  }
  for (const path of fieldsSet(spec, 'routes', 'decorates')) if (path[0] !== 'loadBalancer') add(path);
  if (spec.routingType === 'Service') add(['routingType'], 'Breakwater always sends to endpoints');
  for (const [index, upgrade] of (spec.httpUpgrade ?? []).entries()) {
    if (upgrade.type.toLowerCase() !== 'websocket') add(['httpUpgrade', index]);
  }
  addRetryOn(spec, add);
  return found;
}

/** The same for a policy that targets an InferencePool: a limit over all routes to it, and nothing of one route. */
export function fieldsWithoutEffectOnPool(spec: PolicySpec): FieldWithoutEffect[] {
  const { maxConnections = DEFAULT_COUNT, maxParallelRetries } = spec.circuitBreaker ?? {};
  // The API's own defaults are not what the author wrote.
  const decorating = fieldsSet(spec, 'pool', 'decorates').filter(
    path => path[1] !== 'maxParallelRetries' || maxParallelRetries !== DEFAULT_COUNT,
  );
  const loose =
    isLooseOnPool(spec) && maxConnections !== DEFAULT_COUNT ? [['circuitBreaker', 'maxConnections']] : [];
  return [...decorating, ...loose].map(path => ({ path: ['spec', ...path], why: NOT_ON_POOLS }));
}

/** The fields of `spec` that would restrict, and do not act: the policy cannot be applied. */
export function fieldsThatRestrict(spec: PolicySpec, place: PolicyPlace): FieldWithoutEffect[] {
  const why = place === 'pool' ? NOT_ON_POOLS : NOT_IMPLEMENTED;
  return fieldsSet(spec, place, 'restricts')
    .filter(([field, part]) => {
      if (place !== 'pool' || field !== 'circuitBreaker') return true;
      if (part === 'maxConnections') return !isLooseOnPool(spec);
      return spec.circuitBreaker?.perEndpoint?.maxConnections !== DEFAULT_COUNT;
    })
    .map(path => ({ path: ['spec', ...path], why }));
}

/** A limit of connections is kept by that of requests if it is no tighter: a connection carries one at a time. */
function isLooseOnPool({ circuitBreaker }: PolicySpec): boolean {
  const { maxConnections = DEFAULT_COUNT, maxParallelRequests = DEFAULT_COUNT } = circuitBreaker ?? {};
  return maxConnections >= maxParallelRequests;
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
