import type { Probe } from './pod.ts';

/** Where a probe stands: when it is asked next, and what its last answers say together (core/v1 Probe's thresholds). */
export class ProbeCount {
  readonly probe: Probe;
  readonly #periodMs: number;
  #dueAtMs: number;
  #passes: boolean;
  #inRow = 0;
  #last: boolean | undefined;

  /**
   * @param passes what it counts as until there are answers
   * @param longestPeriodMs asked at least that often
   */
  constructor(
    probe: Probe,
    passes: boolean,
    startedAtMs: number,
    longestPeriodMs = Number.POSITIVE_INFINITY,
  ) {
    this.probe = probe;
    this.#passes = passes;
    this.#periodMs = Math.min((probe.periodSeconds ?? 10) * 1000, longestPeriodMs);
    this.#dueAtMs = startedAtMs + Math.min((probe.initialDelaySeconds ?? 0) * 1000, longestPeriodMs);
  }

  get passes(): boolean {
    return this.#passes;
  }

  /** Has said no as often as it takes, whatever it counted as before. */
  get failed(): boolean {
    return this.#last === false && this.#inRow >= (this.probe.failureThreshold ?? 3);
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#dueAtMs;
  }

  record(answer: boolean, nowMs: number): void {
    this.#inRow = answer === this.#last ? this.#inRow + 1 : 1;
    this.#last = answer;
    const threshold = answer ? (this.probe.successThreshold ?? 1) : (this.probe.failureThreshold ?? 3);
    if (this.#inRow >= threshold) this.#passes = answer;
    this.#dueAtMs = nowMs + this.#periodMs;
  }
}
