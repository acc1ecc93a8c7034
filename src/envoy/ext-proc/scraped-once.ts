import type { EndpointTable, PoolScraping } from '../../endpoints/index.ts';
import { monotonicMs, sleep } from '../../kernel/index.ts';
import type { PoolTarget } from './pool-target.ts';

const POLL_MS = 10;

/** Resolves when every endpoint of these pools that is scraped was, or after the time. */
export async function scrapedOnce(
  pools: () => Iterable<PoolTarget>,
  scraping: PoolScraping,
  endpoints: EndpointTable,
  timeoutMs: number,
): Promise<void> {
  const untilMs = monotonicMs() + timeoutMs;
  const isKnown = (slot: number) =>
    !scraping.scrapes(slot) || Number.isFinite(endpoints.ageMs(slot, monotonicMs()));
  const areKnown = () => [...pools()].every(({ choice }) => choice.slots.every(isKnown));
  while (!areKnown() && monotonicMs() < untilMs) await sleep(POLL_MS);
}
