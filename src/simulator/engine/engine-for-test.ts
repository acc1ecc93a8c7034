import { Engine, type EngineConfig } from './engine.ts';
import type { Clock } from './engine-loop.ts';
import type { EngineObserver } from './engine-observer.ts';
import type { Sequence, SequenceRequest, TokenSource } from './token-sequence.ts';

/** Says 100, 101, … until it has said enough. */
class Counting implements TokenSource {
  finished: 'stop' | 'length' | undefined;
  said = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  next(): number {
    if (++this.said >= this.#most) this.finished = 'length';
    return 100 + this.said;
  }
}

export function request(
  tokens: number,
  answer: number,
  more: Partial<SequenceRequest> = {},
): SequenceRequest {
  return {
    promptTokens: Array.from({ length: tokens }, (_, index) => index + 1),
    maxTokens: answer,
    source: new Counting(answer),
    lora: '',
    cacheSalt: '',
    n: 1,
    ...more,
  };
}

/** Writes down what the engine tells. */
export class Recorder implements EngineObserver {
  readonly finishes: string[] = [];
  readonly lookups: (readonly [number, number])[] = [];
  loras = '';
  preemptions = 0;
  tokens = 0;

  stepped(): void {}
  prefixLookedUp(queried: number, hit: number): void {
    this.lookups.push([queried, hit]);
  }
  generated(): void {
    this.tokens++;
  }
  preempted(): void {
    this.preemptions++;
  }
  finished(_: Sequence, reason: string): void {
    this.finishes.push(reason);
  }
  lorasChanged(running: string, waiting: string): void {
    this.loras = `${running}|${waiting}`;
  }
}

export function engineForTest(config: Partial<EngineConfig> = {}): { engine: Engine; recorder: Recorder } {
  const recorder = new Recorder();
  const engine = new Engine(
    {
      blocks: 64,
      blockSizeTokens: 4,
      maxNumSeqs: 4,
      maxNumBatchedTokens: 32,
      enablePrefixCaching: true,
      maxLoras: 1,
      maxCpuLoras: 2,
      ...config,
    },
    recorder,
  );
  return { engine, recorder };
}

/** A clock that stands still until it is told how far to go. */
export class ManualClock implements Clock {
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  }

  /** Runs timers in the order of their times until there is none, or the time has come. */
  runUntil(endMs = Number.POSITIVE_INFINITY): void {
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers = this.#timers.filter(timer => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    if (Number.isFinite(endMs)) this.#nowMs = endMs;
  }
}
