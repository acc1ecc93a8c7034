import type { Part } from '../../plan/index.ts';
import { messagesOf } from '../process/settled.ts';
import { Walls } from '../walls/walls.ts';
import type { Rejection } from '../xds/stream-core.ts';
import type { GatewayPart } from './gateway-parts.ts';

/** When an Envoy that has refused its configuration is told it again. */
export interface RetryTimes {
  readonly firstMs: number;
  /** The time doubles with each refusal until this. */
  readonly maxMs: number;
}

/** What stood in the way may pass: a file that was missing, memory that was short. What Envoy drains for a try it drains seldom. */
export const RETRY_TIMES: RetryTimes = { firstMs: 30_000, maxMs: 600_000 };

/**
 * - `told`: it is what all Envoys of its Gateway are
 * - `searching`: it is told parts alone, until it is known which of them it refuses
 * - `kept`: it refuses what no part can be blamed for, and keeps the last good state
 */
type Phase = 'told' | 'searching' | 'kept';

const NOTHING: ReadonlyMap<Part, string> = new Map();

/** One Envoy of a Gateway: which parts of what it was told it refuses. While it is found out, it is told alone. */
export class Member {
  readonly id: string;
  /** What all listeners have in common, as their access log, is no part: an Envoy without a listener would be no good. */
  readonly #walls = new Walls({ mayEndAll: false });
  readonly #times: RetryTimes;
  #phase: Phase = 'told';
  #found: ReadonlyMap<Part, string> = NOTHING;
  #words = '';
  /** That it has taken all is in its walls. */
  #isNoted = false;
  #waitMs: number | undefined;
  #retryAtMs = Number.POSITIVE_INFINITY;

  constructor(id: string, times: RetryTimes) {
    this.id = id;
    this.#times = times;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** What it refuses, as its last search has found out. */
  get found(): ReadonlyMap<Part, string> {
    return this.#found;
  }

  /** Why it is as it was before; '': it is not. */
  get words(): string {
    return this.#words;
  }

  /** When {@link retry} is due; Infinity: it is not. */
  get retryAtMs(): number {
    return this.#phase === 'searching' ? Number.POSITIVE_INFINITY : this.#retryAtMs;
  }

  /** It is told a part as the others are. @param elsewhere what others refuse of it */
  tell(part: GatewayPart, elsewhere: ReadonlyMap<Part, string>): void {
    this.#walls.begin(part, elsewhere);
    this.#isNoted = false;
    this.#found = this.#walls.found();
    this.#phase = 'told';
    this.#words = '';
    if (this.#found.size === 0) this.#rest();
  }

  /** What an Envoy that was here before has refused, it is not told at first. */
  inherit(found: ReadonlyMap<Part, string>, nowMs: number): void {
    this.#walls.inherit(found);
    this.#later(nowMs);
  }

  /**
   * It has answered all of what it was told.
   * @returns what to tell it alone now; undefined: nothing, see {@link phase}
   */
  answered(rejections: readonly Rejection[], nowMs: number): GatewayPart | undefined {
    const isRefused = rejections.length > 0;
    if (this.#phase === 'kept' || (this.#isNoted && !isRefused)) return undefined;
    this.#isNoted = false;
    const next = isRefused ? this.#walls.refused(rejections) : this.#walls.taken();
    if (next !== undefined) {
      this.#phase = 'searching';
      return next;
    }
    if (isRefused) {
      this.#phase = 'kept';
      this.#words = wordsOf(rejections);
      this.#later(nowMs);
      return undefined;
    }
    this.#isNoted = true;
    if (this.#phase === 'searching') {
      this.#phase = 'told';
      this.#words = '';
      this.#found = this.#walls.found();
      if (this.#found.size > 0) this.#later(nowMs);
      else this.#rest();
    }
    return undefined;
  }

  /** All that it refuses is told again, to it alone. What it has taken stays in each try. */
  retry(part: GatewayPart, elsewhere: ReadonlyMap<Part, string>): GatewayPart {
    this.#walls.forgive();
    this.#phase = 'searching';
    this.#isNoted = false;
    // What others refuse that this one refused too, it is told all the same.
    return this.#walls.begin(part, new Map([...elsewhere].filter(([each]) => !this.#found.has(each))));
  }

  #rest(): void {
    this.#waitMs = undefined;
    this.#retryAtMs = Number.POSITIVE_INFINITY;
  }

  #later(nowMs: number): void {
    const { firstMs, maxMs } = this.#times;
    this.#waitMs = this.#waitMs === undefined ? firstMs : Math.min(2 * this.#waitMs, maxMs);
    this.#retryAtMs = nowMs + this.#waitMs;
  }
}

/** Each once. */
export function wordsOf(rejections: readonly Rejection[]): string {
  return messagesOf(rejections).sort().join('; ');
}
