/** The first wait; it doubles with each failure in a row. */
const BASE_MS = 200;
/**
 * client-go's reflector goes up to 30 s. A gateway has a handful of replicas, and each second that it waits longer than the
 * API server was gone is one in which endpoints are out of date.
 */
const MAX_MS = 10_000;

/**
 * Time before the next try. Half of it is by chance, so that the watches of all kinds and replicas do not come at once.
 * @param failures in a row, from 1
 * @param random from 0 to 1
 */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(MAX_MS, BASE_MS * 2 ** Math.min(failures - 1, 16));
  return full * (0.5 + random / 2);
}
