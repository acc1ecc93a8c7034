import type { BackendTrafficPolicy, KubeObject } from '../api/index.ts';
import { compareAge } from './age.ts';
import { type Context, ENVOY_GATEWAY_GROUP, GATEWAY_GROUP, namespaceLabels } from './context.ts';
import { selectorMatches } from './label-selector.ts';
import { POOL_GROUP_V1, POOL_GROUP_V1ALPHA2 } from './pool-key.ts';
import type { FieldPath } from './problem.ts';
import { isReferencePermitted } from './reference-grant.ts';

/** One thing that a policy wants to govern. */
export interface PolicyTarget {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly sectionName?: string;
  /** Where the policy says so. */
  readonly path: FieldPath;
}

const SELECTABLE: ReadonlySet<string> = new Set([
  `${GATEWAY_GROUP}/HTTPRoute`,
  `${GATEWAY_GROUP}/Gateway`,
  `${POOL_GROUP_V1}/InferencePool`,
  `${POOL_GROUP_V1ALPHA2}/InferencePool`,
]);

type Selector = NonNullable<BackendTrafficPolicy['spec']['targetSelectors']>[number];

/**
 * All targets of a policy: what its selectors find, oldest first, then what it names, each once.
 * A policy names objects of its own namespace only. (Envoy Gateway, resolvePolicyTargets.)
 */
export function targetsOf(context: Context, policy: BackendTrafficPolicy): PolicyTarget[] {
  const { targetRef, targetRefs = [], targetSelectors = [] } = policy.spec;
  const namespace = policy.metadata.namespace ?? '';
  const targets = new Map<string, PolicyTarget>();
  const add = (target: PolicyTarget) => {
    const key = [target.group, target.kind, target.namespace, target.name, target.sectionName ?? ''].join(
      '\0',
    );
    if (!targets.has(key)) targets.set(key, target);
  };

  for (const [index, selector] of targetSelectors.entries()) {
    const path = ['spec', 'targetSelectors', index];
    const group = selector.group ?? GATEWAY_GROUP;
    const found = selected(context, policy, selector, group);
    if (found.length === 0) {
      const message = SELECTABLE.has(`${group}/${selector.kind}`)
        ? `the selector matches no ${selector.kind}`
        : `a policy cannot select ${group}/${selector.kind}, only HTTPRoute, Gateway and InferencePool`;
      context.problems.error('policy-target-not-found', policy, path, message);
    }
    for (const { metadata } of found) {
      add({ group, kind: selector.kind, namespace: metadata.namespace ?? '', name: metadata.name, path });
    }
  }
  const named = targetRef === undefined ? targetRefs : [targetRef];
  for (const [index, { group, kind, name, sectionName }] of named.entries()) {
    const path = targetRef === undefined ? ['spec', 'targetRefs', index] : ['spec', 'targetRef'];
    add({ group, kind, namespace, name, path, ...(sectionName === undefined ? {} : { sectionName }) });
  }
  return [...targets.values()];
}

function selected(
  context: Context,
  policy: BackendTrafficPolicy,
  selector: Selector,
  group: string,
): KubeObject[] {
  const from = {
    group: ENVOY_GATEWAY_GROUP,
    kind: 'BackendTrafficPolicy',
    namespace: policy.metadata.namespace ?? '',
  };
  return candidates(context, group, selector.kind)
    .filter(({ metadata }) => {
      const namespace = metadata.namespace ?? '';
      return (
        selectorMatches(selector, metadata.labels ?? {}) &&
        namespaceMatches(context, selector, from.namespace, namespace) &&
        isReferencePermitted(
          from,
          { group, kind: selector.kind, namespace, name: metadata.name },
          context.grants,
        )
      );
    })
    .sort(compareAge);
}

function candidates({ set }: Context, group: string, kind: string): KubeObject[] {
  switch (`${group}/${kind}`) {
    case `${GATEWAY_GROUP}/HTTPRoute`:
      return [...set.list('HTTPRoute')];
    case `${GATEWAY_GROUP}/Gateway`:
      return [...set.list('Gateway')];
    case `${POOL_GROUP_V1}/InferencePool`:
      return [...set.list('InferencePoolV1')];
    case `${POOL_GROUP_V1ALPHA2}/InferencePool`:
      return [...set.list('InferencePoolV1Alpha2')];
    default:
      return [];
  }
}

function namespaceMatches(
  context: Context,
  { namespaces }: Selector,
  own: string,
  namespace: string,
): boolean {
  switch (namespaces?.from ?? 'Same') {
    case 'All':
      return true;
    case 'Selector':
      return (
        namespaces?.selector !== undefined &&
        selectorMatches(namespaces.selector, namespaceLabels(context, namespace))
      );
    default:
      return namespace === own;
  }
}
