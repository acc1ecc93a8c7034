import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const SAMPLE_MS = 250;

/** Resident memory of a process. */
function rssBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}

/** The highest resident memory over a time. */
export async function highestRssBytes(pid: number, durationMs: number): Promise<number> {
  let highest = 0;
  for (const end = performance.now() + durationMs; performance.now() < end; await delay(SAMPLE_MS))
    highest = Math.max(highest, rssBytes(pid));
  return highest;
}
