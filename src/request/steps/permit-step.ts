import { Permit } from '../../limits/index.ts';
import type { Action } from '../action.ts';
import type { DecisionDraft } from '../decision-draft.ts';
import { acquirePermit } from '../permit.ts';
import { NO_HEALTHY_UPSTREAM } from '../replies.ts';
import { step } from './step.ts';
import type { StepRequest } from './step-request.ts';

const NOT_HELD = 'the permits of the pool are not held here any more';

/** Takes the permits of its target, where they are taken with the pick; else {@link admitted} takes them once a connection is there. */
export const permitStep = step('permit', 'body', (life, _body, nowMs, draft) =>
  life.parts.permitAt === 'pick' ? admitted(life, draft, nowMs) : undefined,
);

/** @returns undefined where it has its permit, or nothing limits it */
export function admitted(life: StepRequest, draft: DecisionDraft, nowMs: number): Action | undefined {
  const { target } = life;
  // It was lost while the body came.
  if (!target.ownership.grants(nowMs)) return life.refuse('none', NO_HEALTHY_UPSTREAM, NOT_HELD);
  const got = acquirePermit(life.parts.limits, target, nowMs);
  if (got === undefined) return undefined;
  if (!(got instanceof Permit)) return life.overflow(got);
  life.held.keep(got);
  draft.permit = { scope: got.scope.name, granted: true };
  return undefined;
}
