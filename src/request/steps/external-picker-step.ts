import { sureOverflow } from '../permit.ts';
import { step } from './step.ts';

/** A pool's own picker is asked once, when as much of the body is there as it is shown; nobody is asked about what is refused anyway. */
export const externalPickerStep = step('external-picker', 'body', (life, _body, nowMs) => {
  if (life.target.external === undefined || life.answeredElsewhere) return undefined;
  const { limits, permitAt } = life.parts;
  const overflow = sureOverflow(limits, life.target, permitAt, nowMs);
  return overflow === undefined ? 'ask' : life.overflow(overflow);
});
