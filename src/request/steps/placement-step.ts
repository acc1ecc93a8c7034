import type { DecisionDraft } from '../decision-draft.ts';
import type { Picked } from '../endpoint/endpoint-choice.ts';
import type { RoleEndpoint } from '../endpoint/role.ts';
import { step } from './step.ts';
import type { StepRequest } from './step-request.ts';

/** It counts at the endpoint that was chosen, and is sent there; at those of other roles it counts as well. */
export const placementStep = step('placement', 'body', (life, _body, nowMs, draft) => {
  const { target } = life;
  const { index, reason, fallbacks, footprint, others } = life.chosen as Picked;
  life.chosen = undefined;
  draft.verdict = 'picked';
  draft.endpoint = target.choice.addresses[index]?.id ?? '';
  if (reason !== undefined) draft.reason = reason;
  life.index = index;
  life.fallbacks = fallbacks;
  life.footprint = footprint;
  life.tried?.push(index);
  life.held.enter(target, index, nowMs);
  if (others !== undefined) placeOthers(life, others, draft, nowMs);
  else if (draft.others !== undefined) delete draft.others;
  return 'send';
});

function placeOthers(
  { held, target }: StepRequest,
  others: readonly RoleEndpoint[],
  draft: DecisionDraft,
  nowMs: number,
): void {
  draft.others = others.map(({ role, index }) => ({
    role,
    endpoint: target.choice.addresses[index]?.id ?? '',
  }));
  for (const other of others) held.enterBeside(target, other, nowMs);
}
