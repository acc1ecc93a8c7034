import { askedStep } from './asked-step.ts';
import { breakerStep } from './breaker-step.ts';
import { externalPickerStep } from './external-picker-step.ts';
import { permitStep } from './permit-step.ts';
import { pickStep } from './pick-step.ts';
import { placementStep } from './placement-step.ts';
import type { Step, Steps } from './step.ts';
import { upgradeStep } from './upgrade-step.ts';

/**
 * What is decided about every request, in this order: what costs least refuses first. Who asks and what they have used up is to stand
 * before the breaker; who goes next, before the pick.
 */
export const ORDER: readonly Step[] = [
  // By the head.
  breakerStep,
  upgradeStep,
  // By the body.
  externalPickerStep,
  askedStep,
  pickStep,
  permitStep,
  placementStep,
];

/** Each where it runs. */
export function stepsOf(all: readonly Step[]): Steps {
  const body = all.filter(({ by }) => by === 'body');
  return { head: all.filter(({ by }) => by === 'head'), body, pickAt: body.indexOf(pickStep) };
}

export const STEPS: Steps = stepsOf(ORDER);
