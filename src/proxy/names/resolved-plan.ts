import { isIP } from 'node:net';
import type { ClusterEndpoint, Plan } from '../../plan/index.ts';

/** Host names among the endpoints of a plan. */
export function namesOf(plan: Plan): Set<string> {
  const names = new Set<string>();
  for (const { endpoints } of plan.clusters)
    for (const { address } of endpoints) if (isIP(address) === 0) names.add(address);
  return names;
}

/**
 * The plan with addresses in the place of host names: each address is an endpoint of its own, with the weight that its
 * name has (Envoy's STRICT_DNS). A name without an address has no endpoint.
 */
export function resolvedPlan(plan: Plan, addresses: (name: string) => readonly string[]): Plan {
  const resolved = (endpoint: ClusterEndpoint): ClusterEndpoint[] =>
    isIP(endpoint.address) === 0
      ? addresses(endpoint.address).map(address => ({ ...endpoint, address }))
      : [endpoint];
  const clusters = plan.clusters.map(cluster =>
    cluster.endpoints.every(({ address }) => isIP(address) !== 0)
      ? cluster
      : { ...cluster, endpoints: distinct(cluster.endpoints.flatMap(resolved)) },
  );
  return { ...plan, clusters };
}

/** Two names of a Backend may lead to the same address: that is one endpoint. */
function distinct(endpoints: readonly ClusterEndpoint[]): ClusterEndpoint[] {
  return [...new Map(endpoints.map(endpoint => [`${endpoint.port} ${endpoint.address}`, endpoint])).values()];
}
