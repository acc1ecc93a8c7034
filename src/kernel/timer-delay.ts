/** Node keeps the delay of a timer in a signed integer of 32 bits (24.8 days); one that is beyond it fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A duration as a delay that Node can hold: at least 0, at most {@link LONGEST_TIMER_MS}. What is not a number counts as
 * the longest: a time-out that cannot be computed must not end what it watches.
 */
export function timerMs(durationMs: number): number {
  if (Number.isNaN(durationMs)) return LONGEST_TIMER_MS;
  return Math.min(Math.max(durationMs, 0), LONGEST_TIMER_MS);
}
