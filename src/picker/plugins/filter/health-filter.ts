import { type HealthTable, panics } from '../../../endpoints/index.ts';
import { filter, type Remove } from '../plugin.ts';

const KEPT = 0;
const OPEN = 0;
const PROBE_FAILED = 1;
const COOLING = 2;
const TRIAL = 3;
const REFUSED = 4;

/**
 * Circuit open, or half-open with its trial under way; active health check failed; cooling after back-pressure; nobody
 * listens at its port.
 */
export const healthFilter = filter({
  name: 'health-filter',
  reasons: ['circuit-open', 'active-health-check', 'cooling', 'circuit-half-open', 'refused-scrape'],
  byDefault: true,
  restricts: true,
  parameters: {},
  needs: [],
  prepare:
    (_, first): Remove =>
    ({ health, slots, panicThresholdPercent, nowMs }, removed) => {
      const count = slots.length;
      let kept = 0;
      let unhealthy = 0;
      for (let i = 0; i < count; i++) {
        const why = removedBy(health, slots[i] as number, nowMs, first);
        removed[i] = why;
        if (why === KEPT) kept++;
        else if (why === first + OPEN || why === first + PROBE_FAILED) unhealthy++;
      }
      if (panics(count - unhealthy, count, panicThresholdPercent))
        kept += takeBack(removed, count, first + OPEN, first + PROBE_FAILED);
      // Where nobody else is left: those that cool or are being tried, then those of which it is not known any more.
      if (kept === 0) kept = takeBack(removed, count, first + COOLING, first + TRIAL);
      if (kept === 0) takeBack(removed, count, first + REFUSED, first + REFUSED);
    },
});

function removedBy(health: HealthTable, slot: number, nowMs: number, first: number): number {
  switch (health.state(slot, nowMs)) {
    case 'available':
      return KEPT;
    case 'half-open':
      return health.isAvailable(slot, nowMs) ? KEPT : first + TRIAL;
    case 'open':
      return first + OPEN;
    case 'probe-failed':
      return first + PROBE_FAILED;
    case 'cooling':
      return first + COOLING;
    case 'refused':
      return first + REFUSED;
  }
}

/** Keeps what was removed for one of two reasons. @returns how many */
function takeBack(removed: Uint8Array, count: number, reason: number, other: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (removed[i] !== reason && removed[i] !== other) continue;
    removed[i] = KEPT;
    kept++;
  }
  return kept;
}
