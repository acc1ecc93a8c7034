import { sureOverflow } from '../permit.ts';
import { step } from './step.ts';

/** A look at the limits of its target: what is sure to be refused has none of its body read. */
export const breakerStep = step('breaker', 'head', (life, _body, nowMs) => {
  const { limits, permitAt } = life.parts;
  const overflow = sureOverflow(limits, life.target, permitAt, nowMs);
  return overflow === undefined ? undefined : life.overflow(overflow);
});
