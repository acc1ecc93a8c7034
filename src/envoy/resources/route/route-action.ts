import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Route, RouteAction, RouteTimeouts, WeightedBackend } from '../../../plan/index.ts';
import {
  RouteAction_ClusterNotFoundResponseCode,
  type RouteActionSchema,
  type WeightedCluster_ClusterWeightSchema,
} from '../../gen/envoy/config/route/v3/route_components_pb.ts';
import { duration, fraction, type Parts } from '../message-parts.ts';
import { EMPTY_CLUSTER, INVALID_CLUSTER } from '../resource-names.ts';
import { headerChanges } from './header-mutation-message.ts';
import { escapeSubstitution, prefixRewrite } from './prefix-rewrite.ts';
import { connectRetries, retryPolicy } from './retry-message.ts';
import { pickerFor } from './route-filter-messages.ts';

/** What a route needs to know of the clusters. */
export interface ClusterFacts {
  /** Clusters whose requests a picker places, and the cluster that leads to it. */
  readonly picked: ReadonlyMap<string, string>;
  /** Clusters of pools that answer 503 without their picker. */
  readonly failClose: ReadonlySet<string>;
}

type Forward = Extract<RouteAction, { kind: 'forward' }>;

/** @param placed for requests that a picker has placed; others do not reach what must not be reached without one */
export function forwardAction(
  route: Route,
  { backends }: Forward,
  facts: ClusterFacts,
  placed: boolean,
): MessageInitShape<typeof RouteActionSchema> {
  const { rewrite, timeouts, retry, mirrors } = route;
  return {
    clusterSpecifier: {
      case: 'weightedClusters',
      value: { clusters: backends.map(backend => clusterWeight(route, backend, facts, placed)) },
    },
    clusterNotFoundResponseCode: RouteAction_ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR,
    timeout: duration(timeoutMs(timeouts, retry !== undefined)),
    // The connection manager has the default; 0 is none.
    ...(timeouts.streamIdleMs !== undefined && { idleTimeout: duration(timeouts.streamIdleMs) }),
    ...(timeouts.maxStreamMs !== undefined && {
      maxStreamDuration: { maxStreamDuration: duration(timeouts.maxStreamMs) },
    }),
    retryPolicy: retry === undefined ? connectRetries() : retryPolicy(retry, timeouts),
    ...(rewrite?.hostname !== undefined && {
      hostRewriteSpecifier: { case: 'hostRewriteLiteral', value: rewrite.hostname },
    }),
    ...(rewrite?.path && pathRewrite(rewrite.path, route)),
    requestMirrorPolicies: mirrors.map(({ cluster, ratio }) => ({
      cluster,
      runtimeFraction: { defaultValue: fraction(ratio) },
      disableShadowHostSuffixAppend: true,
    })),
    upgradeConfigs: [{ upgradeType: 'websocket' }],
  };
}

/** 0 is none: Envoy's own default of 15 s would cut long answers off. */
function timeoutMs({ requestMs = 0, backendRequestMs = 0 }: RouteTimeouts, retried: boolean): number {
  // With one try, its time is the request's.
  if (retried || backendRequestMs === 0) return requestMs;
  return requestMs === 0 ? backendRequestMs : Math.min(requestMs, backendRequestMs);
}

function clusterWeight(
  route: Route,
  { weight, target, requestHeaders, responseHeaders }: WeightedBackend,
  { picked, failClose }: ClusterFacts,
  placed: boolean,
): MessageInitShape<typeof WeightedCluster_ClusterWeightSchema> {
  const changes = headerChanges(
    [route.requestHeaders, requestHeaders],
    [responseHeaders, route.responseHeaders],
  );
  if (target.kind === 'invalid')
    return { name: target.status === 500 ? INVALID_CLUSTER : EMPTY_CLUSTER, weight, ...changes };
  const { cluster } = target;
  const picker = picked.get(cluster);
  return {
    name: failClose.has(cluster) && !placed ? EMPTY_CLUSTER : cluster,
    weight,
    ...changes,
    ...(picker !== undefined && { typedPerFilterConfig: pickerFor(cluster, picker) }),
  };
}

function pathRewrite(
  path: NonNullable<NonNullable<Route['rewrite']>['path']>,
  { match }: Route,
): Pick<Parts<typeof RouteActionSchema>, 'prefixRewrite' | 'regexRewrite'> {
  if (path.type === 'ReplaceFullPath')
    // The query stays as it is (Gateway API, HTTPPathModifier): what is matched ends before it.
    return { regexRewrite: { pattern: { regex: '^/[^?]*' }, substitution: escapeSubstitution(path.value) } };
  const rewrite = prefixRewrite(match.path.value, path.value);
  return rewrite.kind === 'prefix'
    ? { prefixRewrite: rewrite.value }
    : {
        regexRewrite: { pattern: { regex: rewrite.regex }, substitution: escapeSubstitution(rewrite.value) },
      };
}
