import type { EndpointTable, HealthTable } from '../endpoints/index.ts';
import { STALE_MS } from './plugins/staleness.ts';

/** The Inference Extension's saturation detector: more waiting than this, or a fuller KV cache, and an endpoint is saturated. */
const QUEUE_THRESHOLD = 5;
const KV_CACHE_THRESHOLD = 0.8;

/**
 * Whether a model server has more than enough to do. Figures that are unknown or stale never stop traffic by themselves;
 * back-pressure (429 or 503 within the last second) says it without figures.
 */
export function isSaturated(table: EndpointTable, health: HealthTable, slot: number, nowMs: number): boolean {
  if (health.state(slot, nowMs) === 'cooling') return true;
  if (table.ageMs(slot, nowMs) > STALE_MS) return false;
  const waiting = table.waiting(slot);
  // Where a queue stands, what was sent since stands in it too; what has ended since made room for others in it.
  const queue = waiting === 0 ? 0 : waiting + table.sinceScrape(slot);
  return queue > QUEUE_THRESHOLD || table.kvCacheUsage(slot) > KV_CACHE_THRESHOLD;
}
