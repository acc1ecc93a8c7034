import { Conditions, sentence } from '../condition.ts';
import type { RefusedPolicies, RefusedPolicy } from '../policy/refused-policies.ts';
import type { PlaneView } from './plane-view.ts';
import { type AncestorStatus, ancestorsOf, policyStatus } from './policy-status.ts';
import type { PoolParents } from './pool-status.ts';
import type { StatusEntry } from './status-entry.ts';

/** A policy that cannot be honoured is not accepted, and its status says what that means for requests (PolicyReasonInvalid). */
export function refusedPolicyStatuses(
  { list }: RefusedPolicies,
  pools: PoolParents,
  controllerName: string,
  view: PlaneView,
): StatusEntry[] {
  return list.flatMap(refused => {
    const ancestors = new Map<string, AncestorStatus>();
    for (const { target, subject } of refused.attachments) {
      for (const [ref, gateway] of ancestorsOf(target, subject, pools)) {
        const conditions = new Conditions(refused.policy.metadata.generation ?? 0);
        conditions.set('Accepted', 'False', 'Invalid', messageOf(refused));
        const owner = gateway?.controllerName ?? controllerName;
        ancestors.set(JSON.stringify(ref), { ref, controllerName: owner, conditions });
      }
    }
    return ancestors.size === 0 ? [] : [policyStatus(refused.policy, [...ancestors.values()], view)];
  });
}

function messageOf({ policy, message, closes }: RefusedPolicy): string {
  const errors = policy.unreadable === undefined ? '' : `: ${policy.unreadable.join('; ')}`;
  const effect = closes ? 'its targets are answered with 500' : 'it has no effect';
  return sentence(`${policy.kind} ${message}${errors}; ${effect}`);
}
