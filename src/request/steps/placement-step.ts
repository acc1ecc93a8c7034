import type { Picked } from '../endpoint/endpoint-choice.ts';
import { step } from './step.ts';

/** It counts at the endpoint that was chosen, and is sent there. */
export const placementStep = step('placement', 'body', (life, _body, nowMs, draft) => {
  const { target } = life;
  const { index, reason, fallbacks, footprint } = life.chosen as Picked;
  life.chosen = undefined;
  draft.verdict = 'picked';
  draft.endpoint = target.choice.addresses[index]?.id ?? '';
  if (reason !== undefined) draft.reason = reason;
  life.index = index;
  life.fallbacks = fallbacks;
  life.footprint = footprint;
  life.tried?.push(index);
  life.held.enter(target, index, nowMs);
  return 'send';
});
