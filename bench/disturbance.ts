import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuUs } from './cpu.ts';

/** proc_stat(5) counts in ticks of 1/100 s (USER_HZ). */
const TICK_US = 10_000;
/** Below this the count in ticks says nothing. */
const NOTABLE = 0.05;

/** Measures how much of the gateway's core other programs use meanwhile: above all on a machine that is shared. */
export class Disturbance {
  readonly #core: number;
  readonly #pid: number;
  readonly #startMs = performance.now();
  readonly #startUs: number;

  constructor(core: number, pid: number) {
    this.#core = core;
    this.#pid = pid;
    this.#startUs = this.#othersUs();
  }

  /** Since its start, 0..1. */
  share(): number {
    const elapsedUs = (performance.now() - this.#startMs) * 1000;
    return Math.max(0, (this.#othersUs() - this.#startUs) / elapsedUs);
  }

  #othersUs(): number {
    return busyUs(this.#core) - cpuUs(this.#pid);
  }
}

/**
 * `cpu1 user nice system idle iowait irq softirq steal …`: all but idle and iowait.
 * @param core '' for all together
 */
function busyUs(core: number | ''): number {
  const line = new RegExp(`^cpu${core} +(.*)`, 'm').exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_US;
}

/** Others use no more than this of the machine: it is quiet enough to measure. */
const QUIET = 0.1;
const LOOK_MS = 500;

/** Waits until the machine has been quiet for a moment, or patience is at its end. */
export async function untilQuiet(patienceMs: number): Promise<void> {
  const cores = cpus().length;
  for (const end = performance.now() + patienceMs; performance.now() < end; ) {
    const before = { busyUs: busyUs(''), ms: performance.now() };
    await delay(LOOK_MS);
    const elapsedUs = (performance.now() - before.ms) * 1000 * cores;
    if ((busyUs('') - before.busyUs) / elapsedUs <= QUIET) return;
  }
}

/** A sentence when others used a notable part of the gateway's core in some turn. */
export function disturbanceNote(shares: readonly number[]): string[] {
  const highest = Math.max(0, ...shares);
  if (highest < NOTABLE) return [];
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return [
    `Other programs used ${percent(mean)} of the gateway's core meanwhile, ${percent(highest)} in the worst turn.`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
