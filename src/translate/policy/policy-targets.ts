import type { BackendTrafficPolicy, KubeObject, UnservedPolicy } from '../../api/index.ts';
import { LabelIndex } from '../label-index.ts';
import { selectorMatches, selectorProblem } from '../label-selector.ts';
import { compareAge } from '../object-age.ts';
import { POOL_GROUP_V1, POOL_GROUP_V1ALPHA2 } from '../pool/pool-key.ts';
import type { FieldPath } from '../problem.ts';
import { isReferencePermitted } from '../reference-permission.ts';
import { type Context, ENVOY_GATEWAY_GROUP, GATEWAY_GROUP, namespaceLabels } from '../translation-context.ts';

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

/** A policy of any kind that says its targets as Envoy Gateway's do. */
export type TargetingPolicy = BackendTrafficPolicy | UnservedPolicy;

type Selector = NonNullable<UnservedPolicy['spec']['targetSelectors']>[number];

/**
 * All targets of a policy: what its selectors find, oldest first, then what it names, each once.
 * A policy names objects of its own namespace only. (Envoy Gateway, resolvePolicyTargets.)
 */
export function targetsOf(context: Context, policy: TargetingPolicy, objects: Selectable): PolicyTarget[] {
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
    const ofKind = objects.get(`${group}/${selector.kind}`);
    const found = ofKind === undefined ? [] : selected(context, policy, selector, group, ofKind);
    const { namespaces } = selector;
    const problem =
      selectorProblem(selector) ?? (namespaces?.selector && selectorProblem(namespaces.selector));
    if (problem !== undefined) {
      const message = `the selector could not be parsed, it selects nothing: ${problem}`;
      context.problems.error('selector-invalid', policy, path, message);
    } else if (found.length === 0) {
      const message =
        ofKind !== undefined
          ? `the selector matches no ${selector.kind}`
          : `a policy cannot select ${group}/${selector.kind}, only HTTPRoute, Gateway, ListenerSet and InferencePool`;
      context.problems.error('policy-target-not-found', policy, path, message);
    }
    for (const { metadata } of found) {
      add({ group, kind: selector.kind, namespace: metadata.namespace ?? '', name: metadata.name, path });
    }
  }
  const named = [
    ...(targetRef === undefined ? [] : [{ ref: targetRef, path: ['spec', 'targetRef'] }]),
    ...targetRefs.map((ref, index) => ({ ref, path: ['spec', 'targetRefs', index] })),
  ];
  for (const { ref, path } of named) {
    const { group = '', kind, name, sectionName } = ref;
    add({ group, kind, namespace, name, path, ...(sectionName === undefined ? {} : { sectionName }) });
  }
  return [...targets.values()];
}

function selected(
  context: Context,
  policy: TargetingPolicy,
  selector: Selector,
  group: string,
  index: LabelIndex<KubeObject>,
): KubeObject[] {
  const from = {
    group: ENVOY_GATEWAY_GROUP,
    kind: policy.kind,
    namespace: policy.metadata.namespace ?? '',
  };
  return index
    .candidates(selector.matchLabels ?? {})
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

/** What selectors choose from, by group and kind. */
export type Selectable = ReadonlyMap<string, LabelIndex<KubeObject>>;

export function selectable({ set }: Context): Selectable {
  const index = (objects: readonly KubeObject[]) =>
    new LabelIndex(objects, ({ metadata }) => metadata.labels ?? {});
  return new Map([
    [`${GATEWAY_GROUP}/HTTPRoute`, index(set.list('HTTPRoute'))],
    [`${GATEWAY_GROUP}/Gateway`, index(set.list('Gateway'))],
    [`${GATEWAY_GROUP}/ListenerSet`, index(set.list('ListenerSet'))],
    [`${POOL_GROUP_V1}/InferencePool`, index(set.list('InferencePoolV1'))],
    [`${POOL_GROUP_V1ALPHA2}/InferencePool`, index(set.list('InferencePoolV1Alpha2'))],
  ]);
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
