const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
/** GEP-2257: up to four whole numbers, each with a unit. */
const DURATION = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/;

/** A Gateway API Duration (GEP-2257) in milliseconds; undefined if it is none. */
export function durationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)(ms|h|m|s)/g))
    total += Number(amount) * UNIT_MS[unit!]!;
  return total;
}
