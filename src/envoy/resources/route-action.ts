import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Route, RouteAction, WeightedBackend } from '../../plan/index.ts';
import {
  RedirectAction_RedirectResponseCode,
  type RedirectActionSchema,
  RouteAction_ClusterNotFoundResponseCode,
  type RouteActionSchema,
  type WeightedCluster_ClusterWeightSchema,
} from '../gen/envoy/config/route/v3/route_components_pb.ts';
import { duration, fraction, type Parts } from './common.ts';
import { headerChanges } from './header-mutation.ts';
import { EMPTY_CLUSTER, INVALID_CLUSTER } from './names.ts';
import { prefixRewrite } from './prefix-rewrite.ts';
import { retryPolicy } from './retry.ts';
import { pickerFor } from './route-filters.ts';

/** What a route needs to know of the clusters. */
export interface ClusterFacts {
  /** Clusters whose requests a picker places. */
  readonly picked: ReadonlySet<string>;
  /** Clusters of pools that answer 503 without their picker. */
  readonly failClose: ReadonlySet<string>;
}

type Forward = Extract<RouteAction, { kind: 'forward' }>;

export function forwardAction(
  route: Route,
  { backends }: Forward,
  facts: ClusterFacts,
): MessageInitShape<typeof RouteActionSchema> {
  const { rewrite, timeouts, retry, mirrors } = route;
  return {
    clusterSpecifier: {
      case: 'weightedClusters',
      value: { clusters: backends.map(backend => clusterWeight(backend, facts)) },
    },
    clusterNotFoundResponseCode: RouteAction_ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR,
    // Envoy's own default of 15 s would cut long answers off.
    timeout: duration(
      timeouts.requestMs ?? (retry === undefined ? timeouts.backendRequestMs : undefined) ?? 0,
    ),
    ...(retry && { retryPolicy: retryPolicy(retry, timeouts) }),
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

function clusterWeight(
  { weight, target, requestHeaders, responseHeaders }: WeightedBackend,
  { picked }: ClusterFacts,
): MessageInitShape<typeof WeightedCluster_ClusterWeightSchema> {
  if (target.kind === 'invalid')
    return { name: target.status === 500 ? INVALID_CLUSTER : EMPTY_CLUSTER, weight };
  return {
    name: target.cluster,
    weight,
    ...headerChanges(requestHeaders, responseHeaders),
    ...(picked.has(target.cluster) && { typedPerFilterConfig: pickerFor(target.cluster) }),
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

const STATUS = {
  301: RedirectAction_RedirectResponseCode.MOVED_PERMANENTLY,
  302: RedirectAction_RedirectResponseCode.FOUND,
  303: RedirectAction_RedirectResponseCode.SEE_OTHER,
  307: RedirectAction_RedirectResponseCode.TEMPORARY_REDIRECT,
  308: RedirectAction_RedirectResponseCode.PERMANENT_REDIRECT,
} as const;

/** @param ownPort where the listener is really reached */
export function redirectAction(
  { match }: Route,
  action: Extract<RouteAction, { kind: 'redirect' }>,
  ownPort: number,
): MessageInitShape<typeof RedirectActionSchema> {
  const { scheme, hostname, path, statusCode } = action;
  const port = action.port ?? (scheme === undefined ? ownPort : undefined);
  return {
    ...(scheme !== undefined && { schemeRewriteSpecifier: { case: 'schemeRedirect', value: scheme } }),
    ...(hostname !== undefined && { hostRedirect: hostname }),
    ...(port !== undefined && { portRedirect: port }),
    ...(path && { pathRewriteSpecifier: redirectPath(path, match.path.value) }),
    responseCode: STATUS[statusCode],
  };
}

function redirectPath(
  path: NonNullable<Extract<RouteAction, { kind: 'redirect' }>['path']>,
  matched: string,
): NonNullable<MessageInitShape<typeof RedirectActionSchema>['pathRewriteSpecifier']> {
  if (path.type === 'ReplaceFullPath') return { case: 'pathRedirect', value: path.value };
  const rewrite = prefixRewrite(matched, path.value);
  return rewrite.kind === 'prefix'
    ? { case: 'prefixRewrite', value: rewrite.value }
    : {
        case: 'regexRewrite',
        value: { pattern: { regex: rewrite.regex }, substitution: escapeSubstitution(rewrite.value) },
      };
}

/** RE2 takes `\1` in a substitution for a group. */
function escapeSubstitution(text: string): string {
  return text.replaceAll('\\', '\\\\');
}
