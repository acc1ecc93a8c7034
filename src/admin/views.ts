import { thresholdOf } from '../control/overflow-watch.ts';
import type { LimitScope, Plan, Thresholds } from '../plan/index.ts';
import type { LimitCounts, PlaneSnapshot } from '../plane/index.ts';
import type { EndpointView, LimitUse, LimitView } from './wire.ts';

const NOTHING: Omit<LimitCounts, 'scope'> = {
  active: 0,
  pending: 0,
  connections: 0,
  retries: 0,
  overflow: {},
};

/** The limits of the plan with what is in use of them, in order of scopes. */
export function limitViews(plan: Plan | undefined, snapshot: PlaneSnapshot): LimitView[] {
  const counts = new Map(snapshot.limits.map(limit => [limit.scope, limit]));
  return (plan?.limits ?? []).map(scope => limitView(scope, counts.get(scope.name) ?? NOTHING));
}

function limitView({ name, thresholds, policy }: LimitScope, counts: Omit<LimitCounts, 'scope'>): LimitView {
  const use = (limit: keyof Thresholds, inUse: number): LimitUse => {
    const max = thresholdOf(thresholds, limit);
    return {
      name: limit,
      inUse,
      ...(max === undefined ? {} : { limit: max }),
      refused: counts.overflow[limit] ?? 0,
    };
  };
  return {
    scope: name,
    ...(policy === undefined ? {} : { policy: `${policy.namespace}/${policy.name}` }),
    limits: [
      use('maxParallelRequests', counts.active),
      use('maxPendingRequests', counts.pending),
      use('maxConnections', counts.connections),
      use('maxParallelRetries', counts.retries),
    ],
  };
}

/** The endpoints of the plan's pools with what is known of them. */
export function endpointViews(plan: Plan | undefined, snapshot: PlaneSnapshot): EndpointView[] {
  const known = new Map(snapshot.endpoints.map(endpoint => [`${endpoint.pool} ${endpoint.id}`, endpoint]));
  return (plan?.pools ?? []).flatMap(pool =>
    pool.endpoints.map(({ id, pod }) => ({
      ...(known.get(`${pool.name} ${id}`) ?? { state: 'unknown', inFlight: 0 }),
      pool: pool.name,
      id,
      ...(pod === undefined ? {} : { pod }),
    })),
  );
}
