import { metricsRegistry, monotonicMs } from '../kernel/index.ts';

/** What a cycle consists of: objects → plan, plan → data plane, then findings, statuses and what else follows from both. */
export type CycleStep = 'translate' | 'apply' | 'report';

/** Seconds: the aim for one change among thousands of routes is 0.2. */
const BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** How long the steps of cycles take, on the monotonic clock. Name and meaning are in docs/reference/commands.md. */
export class CycleTimes {
  readonly #registry = metricsRegistry();
  readonly #seconds = this.#registry.histogram(
    'breakwater_controller_cycle_seconds',
    'Time that a step of a cycle takes.',
    BUCKETS,
    ['step'],
  );

  /** @param sinceMs when the step began, of `monotonicMs()` */
  took(step: CycleStep, sinceMs: number): void {
    this.#seconds.observe({ step }, (monotonicMs() - sinceMs) / 1000);
  }

  /** Prometheus text format 0.0.4. */
  text(): Promise<string> {
    return this.#registry.text();
  }
}
