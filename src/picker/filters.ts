import { type HealthTable, panics } from '../limits/index.ts';
import type { EndpointTable } from './endpoint-table.ts';

/** Why a candidate is out, in the order in which filters look; the first is "it is not". */
export const REMOVED_BY = [
  '',
  'circuit-open',
  'active-health-check',
  'cooling',
  'already-tried',
  'lora-slot-available',
  'circuit-half-open',
  'refused-scrape',
  'model-absent',
] as const;
const KEPT = 0;
const OPEN = 1;
const PROBE_FAILED = 2;
const COOLING = 3;
const TRIED = 4;
const NO_LORA_SLOT = 5;
const TRIAL = 6;
const REFUSED = 7;
const ABSENT = 8;

export type Removed = Uint8Array;

/**
 * Circuit open, or half-open with its trial under way; active health check failed; cooling after back-pressure; nobody
 * listens at its port.
 * @returns how many are kept
 */
export function filterHealth(
  removed: Removed,
  slots: Int32Array,
  health: HealthTable,
  panicThresholdPercent: number,
  nowMs: number,
): number {
  let kept = 0;
  let unhealthy = 0;
  for (let i = 0; i < slots.length; i++) {
    const why = removedBy(health, slots[i] as number, nowMs);
    removed[i] = why;
    if (why === KEPT) kept++;
    else if (why === OPEN || why === PROBE_FAILED) unhealthy++;
  }
  if (panics(slots.length - unhealthy, slots.length, panicThresholdPercent))
    kept += takeBack(removed, slots.length, OPEN, PROBE_FAILED);
  // Where nobody else is left: those that cool or are being tried, then those of which it is not known any more.
  if (kept === 0) kept = takeBack(removed, slots.length, COOLING, TRIAL);
  return kept === 0 ? takeBack(removed, slots.length, REFUSED, REFUSED) : kept;
}

function removedBy(health: HealthTable, slot: number, nowMs: number): number {
  switch (health.state(slot, nowMs)) {
    case 'available':
      return KEPT;
    case 'half-open':
      return health.isAvailable(slot, nowMs) ? KEPT : TRIAL;
    case 'open':
      return OPEN;
    case 'probe-failed':
      return PROBE_FAILED;
    case 'cooling':
      return COOLING;
    case 'refused':
      return REFUSED;
  }
}

/** Keeps what was removed for one of two reasons. @returns how many */
function takeBack(removed: Removed, count: number, reason: number, other: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (removed[i] !== reason && removed[i] !== other) continue;
    removed[i] = KEPT;
    kept++;
  }
  return kept;
}

/** Endpoints that this request failed at before, unless there is no other. */
export function filterTried(removed: Removed, count: number, tried: readonly number[]): void {
  if (tried.length === 0) return;
  let left = 0;
  for (let i = 0; i < count; i++) if (removed[i] === KEPT && !tried.includes(i)) left++;
  if (left === 0) return;
  for (const i of tried) if (i < count && removed[i] === KEPT) removed[i] = TRIED;
}

/** Endpoints that said lately that they do not have the model, unless all did. @param tick in seconds */
export function filterAbsent(
  removed: Removed,
  slots: Int32Array,
  table: EndpointTable,
  model: number,
  tick: number,
): void {
  if (model === 0) return;
  let left = 0;
  let absent = 0;
  for (let i = 0; i < slots.length; i++) {
    if (removed[i] !== KEPT) continue;
    if (table.isAbsent(slots[i] as number, model, tick)) absent++;
    else left++;
  }
  if (left === 0 || absent === 0) return;
  for (let i = 0; i < slots.length; i++) {
    if (removed[i] === KEPT && table.isAbsent(slots[i] as number, model, tick)) removed[i] = ABSENT;
  }
}

/** Endpoints that would have to unload another adapter first, unless all would. */
export function filterLoraSlots(
  removed: Removed,
  slots: Int32Array,
  table: EndpointTable,
  model: number,
): void {
  if (model === 0) return;
  let left = 0;
  let full = 0;
  for (let i = 0; i < slots.length; i++) {
    if (removed[i] !== KEPT) continue;
    if (table.adapterState(slots[i] as number, model) === 'full') full++;
    else left++;
  }
  if (left === 0 || full === 0) return;
  for (let i = 0; i < slots.length; i++) {
    if (removed[i] === KEPT && table.adapterState(slots[i] as number, model) === 'full')
      removed[i] = NO_LORA_SLOT;
  }
}
