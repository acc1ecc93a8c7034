import type { HealthTable } from '../limits/index.ts';
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
] as const;
const KEPT = 0;
const OPEN = 1;
const PROBE_FAILED = 2;
const COOLING = 3;
const TRIED = 4;
const NO_LORA_SLOT = 5;
const TRIAL = 6;

export type Removed = Uint8Array;

/** Circuit open, or half-open with its trial under way; active health check failed; cooling after back-pressure. */
export function filterHealth(
  removed: Removed,
  slots: Int32Array,
  health: HealthTable,
  nowMs: number,
): { readonly kept: number; readonly resting: number } {
  let kept = 0;
  let resting = 0;
  for (let i = 0; i < slots.length; i++) {
    switch (health.state(slots[i] as number, nowMs)) {
      case 'available':
        removed[i] = KEPT;
        kept++;
        break;
      case 'half-open':
        if (health.isAvailable(slots[i] as number, nowMs)) {
          removed[i] = KEPT;
          kept++;
        } else {
          removed[i] = TRIAL;
          resting++;
        }
        break;
      case 'open':
        removed[i] = OPEN;
        break;
      case 'probe-failed':
        removed[i] = PROBE_FAILED;
        break;
      case 'cooling':
        removed[i] = COOLING;
        resting++;
    }
  }
  return { kept, resting };
}

/** Takes those back that cool, or are being tried, where nobody else is left. */
export function keepResting(removed: Removed, count: number): void {
  for (let i = 0; i < count; i++) if (removed[i] === COOLING || removed[i] === TRIAL) removed[i] = KEPT;
}

/** Endpoints that this request failed at before, unless there is no other. */
export function filterTried(removed: Removed, count: number, tried: readonly number[]): void {
  if (tried.length === 0) return;
  let left = 0;
  for (let i = 0; i < count; i++) if (removed[i] === KEPT && !tried.includes(i)) left++;
  if (left === 0) return;
  for (const i of tried) if (i < count && removed[i] === KEPT) removed[i] = TRIED;
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
