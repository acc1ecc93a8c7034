import type { Plan, PlaneReport } from '../../plan/index.ts';
import type { GatewayContext, ManagedClass } from '../gateway/translate-gateway.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import type { RefusedPolicies } from '../policy/refused-policies.ts';
import { judgeModels } from '../pool/model.ts';
import type { PoolCatalog } from '../pool/translate-pool.ts';
import { compareText } from '../precedence.ts';
import type { RouteContext } from '../route/attachment.ts';
import type { BackendTlsIndex } from '../tls/backend-tls-index.ts';
import type { Context } from '../translation-context.ts';
import { backendTlsStatus } from './backend-tls-status.ts';
import { classStatus, gatewayStatuses } from './gateway-status.ts';
import { planeView } from './plane-view.ts';
import { policyStatuses } from './policy-status.ts';
import { modelStatus, type PoolParents, poolStatus } from './pool-status.ts';
import { refusedPolicyStatuses } from './refused-policy-status.ts';
import { routeStatus } from './route-status.ts';
import type { StatusEntry } from './status-entry.ts';

/** What a translation leaves for its statuses. */
export interface Subjects {
  readonly context: Context;
  readonly classes: readonly ManagedClass[];
  readonly gateways: readonly GatewayContext[];
  readonly routes: readonly RouteContext[];
  readonly pools: PoolCatalog;
  readonly policies: PolicyIndex;
  readonly refused: RefusedPolicies;
  readonly backendTls: BackendTlsIndex;
  readonly poolParents: PoolParents;
  readonly plan: Plan;
  readonly controllerName: string;
}

/** By kind, namespace and name. */
export function statusesOf(subjects: Subjects, report: PlaneReport | undefined): StatusEntry[] {
  const { context, classes, gateways, routes, pools, policies, poolParents, plan, controllerName } = subjects;
  const view = planeView(plan, report);
  const entries = [
    ...classes.map(each => classStatus(each, context.plane)),
    ...gateways.flatMap(gateway => gatewayStatuses(gateway, context.gatewayServices, view)),
    ...routes.flatMap(route => routeStatus(route, view) ?? []),
    ...pools.list().map(pool => poolStatus(pool, poolParents, view)),
    ...judgeModels(context).map(([model, verdict]) => modelStatus(model, verdict, view)),
    ...subjects.backendTls.policies.flatMap(policy => backendTlsStatus(policy, view) ?? []),
    ...policyStatuses(policies, poolParents, controllerName, view),
    ...refusedPolicyStatuses(subjects.refused, poolParents, controllerName, view),
  ];
  return entries.sort(
    (a, b) =>
      compareText(a.kind, b.kind) ||
      compareText(a.namespace, b.namespace) ||
      compareText(a.name, b.name) ||
      compareText(a.apiVersion, b.apiVersion),
  );
}
