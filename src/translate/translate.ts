import type { KubeObject, ResourceSet } from '../api/index.ts';
import {
  type Plan,
  type PlaneKind,
  type PlaneReport,
  type PluginCatalog,
  planVersion,
} from '../plan/index.ts';
import { BackendResolver } from './backend/backend.ts';
import { ClusterRegistry } from './backend/cluster-registry.ts';
import { PodIndex } from './backend/pod-index.ts';
import { ServiceEndpoints } from './backend/service-endpoints.ts';
import type { Operators } from './gateway/operators-annotation.ts';
import { buildServers } from './gateway/server-builder.ts';
import { type GatewayContext, managedClasses, managedGateways } from './gateway/translate-gateway.ts';
import { compareAge } from './object-age.ts';
import { PolicyIndex } from './policy/policy-index.ts';
import { reportPolicies } from './policy/policy-problems.ts';
import { RefusedPolicies } from './policy/refused-policies.ts';
import { PoolCatalog } from './pool/translate-pool.ts';
import type { Problem } from './problem.ts';
import { attach } from './route/attachment.ts';
import { parentIndex } from './route/parent-index.ts';
import { reportOverlaps } from './route/route-overlap.ts';
import { RouteTranslation } from './route/route-translation.ts';
import { sharedParts } from './shared-parts.ts';
import type { StatusEntry } from './status/status-entry.ts';
import { statusesOf } from './status/statuses.ts';
import { telemetryOf } from './telemetry/translate-telemetry.ts';
import { BackendTlsIndex } from './tls/backend-tls-index.ts';
import { createContext, type ParametersProblem, type ProxyOf } from './translation-context.ts';

export interface Translation {
  readonly plan: Plan;
  /** By object and path. */
  readonly problems: Problem[];
  /** The statuses of all objects of ours, given what the plane last said; undefined: it has said nothing yet. */
  statuses(report: PlaneReport | undefined): StatusEntry[];
}

export interface TranslateOptions {
  /** GatewayClasses with one of these as their `controllerName` are ours; the first is named where no class is. */
  readonly controllerNames: readonly string[];
  /** What the plan is for; undefined: nothing serves it, and no class says what it supports. */
  readonly plane?: PlaneKind;
  /** Each Gateway has a Service: its addresses are the Gateway's, and its target ports are those to bind. */
  readonly gatewayServices?: boolean;
  /** Why a Gateway cannot be made as its parameters say; undefined: it can. */
  readonly parametersProblem?: ParametersProblem;
  /** What Gateways' Envoys are to be; absent: what they are by default. */
  readonly proxyOf?: ProxyOf;
  /**
   * The objects are a cluster's: a v1 pool's picker that does not exist is missed, as the Inference Extension has it, else
   * Breakwater picks in its place; and no backend may name the gateway itself.
   */
  readonly onCluster?: boolean;
  /** Who is told names and decisions with an answer, of Gateways that do not say. Default: who comes from this machine. */
  readonly operators?: Operators;
  /** What a pool may name of the picker's plugins. Absent: none, and to name one is an error. */
  readonly plugins?: PluginCatalog;
  /** A plan made before: what has not changed since is the same object in the new one. What the new one says does not depend on it. */
  readonly previous?: Plan | undefined;
}

/** A pure function: the same resources, in whatever order, give the same plan, problems and statuses. */
export function translate(set: ResourceSet, options: TranslateOptions): Translation {
  const context = createContext(set, options);
  const classes = managedClasses(context);
  const gateways = managedGateways(context, classes);
  const parents = parentIndex(gateways);
  const routes = [...set.list('HTTPRoute')].sort(compareAge).map(route => attach(context, route, parents));
  const routeIndex = new Map(routes.map(route => [keyOf(route.route), route]));

  const pods = new PodIndex(set, context.ownAddresses);
  const services = new ServiceEndpoints(context, pods);
  const pools = new PoolCatalog(context, pods, services);
  const targets = { routes: routeIndex, ...parents, pools };
  const policies = new PolicyIndex(context, targets);
  const refused = new RefusedPolicies(context, targets);
  const backendTls = new BackendTlsIndex(context);
  const clusters = new ClusterRegistry(policies);
  const resolver = new BackendResolver(context, services, pools, backendTls, refused);
  const translation = new RouteTranslation(context, policies, refused, clusters, resolver);
  for (const route of routes) translation.add(route);
  reportOverlaps(context, routes, translation.byListener);
  reportPolicies(context, policies);

  const telemetry = (gateway: GatewayContext) => telemetryOf(context, gateway, resolver, clusters);
  const servers = buildServers(context, gateways, translation.byListener, telemetry);
  const content = sharedParts({ servers, ...clusters.content() }, options.previous);
  const plan = { version: planVersion(content), ...content };
  const controllerName = options.controllerNames[0] ?? '';
  const { poolParents } = translation;
  return {
    plan,
    problems: context.problems.list(),
    statuses: report =>
      statusesOf(
        {
          context,
          classes,
          gateways,
          routes,
          pools,
          policies,
          refused,
          backendTls,
          poolParents,
          plan,
          controllerName,
        },
        report,
      ),
  };
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
