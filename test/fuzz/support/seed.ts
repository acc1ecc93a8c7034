import type { TestContext } from 'node:test';

const DAY_MS = 86_400_000;

/** A new seed a day, so that a failure can be repeated for as long as anybody looks at it; `FUZZ_SEED` gives another. */
export function seedOfTheDay(t: TestContext): number {
  const given = process.env['FUZZ_SEED'];
  const seed = given === undefined ? Math.floor(Date.now() / DAY_MS) : Number(given);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  return seed;
}
