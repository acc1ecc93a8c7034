/** Envoy's: endpoints are enough for all of the traffic though some of every 140 are gone. */
const OVERPROVISIONING_PERCENT = 140;
const ALL_PERCENT = 100;

/**
 * Whether so few endpoints are healthy that nobody's health is looked at, as in Envoy (CommonLbConfig.healthy_panic_threshold): fewer than the
 * threshold, and fewer than can carry everything by its overprovisioning factor. Five healthy ones of seven never are too few.
 * @param thresholdPercent 0: never
 */
export function panics(healthy: number, all: number, thresholdPercent: number): boolean {
  if (healthy * ALL_PERCENT >= thresholdPercent * all) return false;
  return healthy * OVERPROVISIONING_PERCENT < ALL_PERCENT * all;
}
