import { z } from 'zod';
import { group, kind, labelSelector, objectName, sectionName } from '../common-schemas.ts';
import { rule } from '../schema-rules.ts';

const GATEWAY = 'gateway.networking.k8s.io';
const KINDS = ['Gateway', 'ListenerSet', 'HTTPRoute', 'GRPCRoute', 'TCPRoute', 'UDPRoute', 'TLSRoute'];
/** Ours: a policy on a pool counts over all routes to it. */
const POOL_GROUPS = ['inference.networking.k8s.io', 'inference.networking.x-k8s.io'];

export const targetRef = z.strictObject({
  group,
  kind,
  name: objectName,
  sectionName: sectionName.optional(),
});

export const targetSelector = z
  .strictObject({
    group: group.default(GATEWAY),
    kind,
    matchLabels: labelSelector.shape.matchLabels,
    matchExpressions: labelSelector.shape.matchExpressions,
    namespaces: z
      .strictObject({
        from: z.enum(['All', 'Selector', 'Same']).default('Same'),
        selector: labelSelector.optional(),
      })
      .check(
        rule(
          'selector must be specified when from is Selector',
          each => each.from !== 'Selector' || each.selector !== undefined,
        ),
      )
      .optional(),
  })
  .check(
    rule(
      `group must be ${GATEWAY}`,
      each => each.group === GATEWAY || isPool(each),
      () => ['group'],
    ),
  );

interface Target {
  group: string;
  kind: string;
}

interface Targets {
  targetRef?: Target | undefined;
  targetRefs?: Target[] | undefined;
  targetSelectors?: Target[] | undefined;
  mergeType?: string | undefined;
  admissionControl?: unknown;
}

const isPool = (target: Target) => POOL_GROUPS.includes(target.group) && target.kind === 'InferencePool';
const isRoute = ({ kind: name }: Target) => KINDS.includes(name) && name.endsWith('Route');
const isHttp = ({ kind: name }: Target) =>
  ['Gateway', 'ListenerSet', 'HTTPRoute', 'GRPCRoute'].includes(name);

/** The path of the first target that does not hold. */
function broken({ targetRef: one, targetRefs = [] }: Targets, holds: (target: Target) => boolean) {
  if (one !== undefined && !holds(one)) return ['targetRef'];
  const index = targetRefs.findIndex(target => !holds(target));
  return index === -1 ? undefined : ['targetRefs', index];
}

function everyTarget(field: 'group' | 'kind', allowed: string, holds: (target: Target) => boolean) {
  return rule<Targets>(
    `this policy can only have a targetRefs[*].${field} of ${allowed}, or InferencePool of ${POOL_GROUPS.join('/')}`,
    spec => broken(spec, holds) === undefined,
    spec => [...(broken(spec, holds) ?? []), field],
  );
}

/** The CRD's rules about what a policy targets, with InferencePools let in. */
export const policyRules = [
  rule<Targets>(
    'either targetRef or targetRefs must be used',
    spec =>
      (spec.targetRef !== undefined) !== (spec.targetRefs !== undefined) ||
      (spec.targetSelectors?.length ?? 0) > 0,
  ),
  everyTarget('group', GATEWAY, target => target.group === GATEWAY || isPool(target)),
  everyTarget('kind', KINDS.join('/'), target => KINDS.includes(target.kind) || isPool(target)),
  rule<Targets>(
    'mergeType can only be used with xRoute targets',
    spec =>
      spec.mergeType === undefined ||
      (broken(spec, isRoute) === undefined && (spec.targetSelectors ?? []).every(isRoute)),
    () => ['mergeType'],
  ),
  rule<Targets>(
    'admissionControl can only be used with HTTPRoute, GRPCRoute, Gateway, or ListenerSet targets',
    spec =>
      spec.admissionControl === undefined ||
      (broken(spec, isHttp) === undefined && (spec.targetSelectors ?? []).every(isHttp)),
    () => ['admissionControl'],
  ),
];
