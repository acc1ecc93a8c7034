import type { FinishReason, Sequence } from './token-sequence.ts';

/** Hears what happens in the engine, for the metrics. Times are in ms. */
export interface EngineObserver {
  /** A step has ended: tokens that it processed, prompt tokens among them by origin. */
  stepped(tokens: number, promptComputed: number): void;
  /** A sequence was scheduled for the first time. */
  prefixLookedUp(queriedTokens: number, hitTokens: number): void;
  generated(sequence: Sequence, nowMs: number): void;
  preempted(): void;
  finished(sequence: Sequence, reason: FinishReason, nowMs: number): void;
  lorasChanged(running: string, waiting: string): void;
}
