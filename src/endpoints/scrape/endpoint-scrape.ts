import type { Socket } from 'node:net';
import { type OnFault, tell, toError } from '../../kernel/index.ts';
import { readAnswer, type ScrapeAnswer } from './scrape-answer.ts';
import { type AnswerReader, ScrapeConnection } from './scrape-connection.ts';
import type { ScrapeSink, ScrapeTarget } from './scrape-target.ts';

/** An endpoint that fails is asked again after two intervals, then four, … but not later than this. */
const MAX_FAILED_DELAY_MS = 2000;
/** The same for one that answers without figures: it is not going to have any soon. */
const MAX_ALIVE_DELAY_MS = 5000;

export interface EndpointScrapeOptions {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Time between two ticks. */
  readonly tickMs: number;
  /** Time that the sink is told. */
  readonly now: () => number;
  /** Told of every socket that is opened. */
  readonly opened: (socket: Socket) => void;
  readonly onFault: OnFault;
}

/** Scrapes one endpoint, one scrape at a time. It has no timer: it is asked to {@link tick}. */
export class EndpointScrape implements AnswerReader {
  readonly #target: ScrapeTarget;
  readonly #sink: ScrapeSink;
  readonly #options: EndpointScrapeOptions;
  readonly #request: Buffer;
  #connection: ScrapeConnection | undefined;
  /** Monotonic milliseconds. */
  #dueAtMs: number;
  /**
   * After so many ticks the scrape under way is given up; 0: none is. Not a time: while this process is too busy to
   * tick, it does not read the answer either.
   */
  #ticksLeft = 0;
  #closed = false;
  #tickMs = 0;
  #failures = 0;
  #withoutFigures = 0;

  /** @param dueAtMs first scrape, in the milliseconds that {@link tick} is told */
  constructor(target: ScrapeTarget, sink: ScrapeSink, options: EndpointScrapeOptions, dueAtMs: number) {
    this.#target = target;
    this.#sink = sink;
    this.#options = options;
    this.#dueAtMs = dueAtMs;
    const path = target.path.replace(/[^\x21-\x7e]+/g, part => encodeURIComponent(part.toWellFormed()));
    this.#request = Buffer.from(
      `GET ${path} HTTP/1.1\r\nhost: ${target.id}\r\naccept: text/plain\r\nuser-agent: breakwater\r\n\r\n`,
      'latin1',
    );
  }

  /** Throws nothing: one timer ticks for all endpoints. */
  tick(monotonicMs: number): void {
    this.#tickMs = monotonicMs;
    if (this.#closed) return;
    try {
      this.#tick(monotonicMs);
    } catch (thrown) {
      this.faulted(thrown);
    }
  }

  #tick(monotonicMs: number): void {
    if (this.#ticksLeft > 0) {
      if (--this.#ticksLeft > 0) return;
      this.#connection?.destroy();
      this.#fail(`no answer within ${this.#options.timeoutMs} ms`);
      return;
    }
    if (monotonicMs < this.#dueAtMs) return;
    this.#ticksLeft = Math.ceil(this.#options.timeoutMs / this.#options.tickMs) + 1;
    this.#ask();
  }

  /** The sink hears nothing any more. */
  close(): void {
    this.#closed = true;
    this.#connection?.destroy();
  }

  sent(): void {
    this.#sink.sent(this.#target.slot);
  }

  answered(answer: ScrapeAnswer): void {
    const { slot } = this.#target;
    if (answer.status >= 500) {
      this.#fail(`status ${answer.status}`);
      return;
    }
    this.#ticksLeft = 0;
    this.#failures = 0;
    const figures = readAnswer(answer, this.#options.maxBytes);
    if (typeof figures === 'string') {
      this.#withoutFigures++;
      this.#dueAtMs = this.#tickMs + this.#backOff(this.#withoutFigures, MAX_ALIVE_DELAY_MS);
      this.#sink.alive(slot, figures, this.#options.now());
      return;
    }
    this.#withoutFigures = 0;
    // On the beat of its own that it was given, so that endpoints stay apart; a beat that was missed is left out.
    const { intervalMs } = this.#options;
    const missed = Math.max(0, Math.floor((this.#tickMs - this.#dueAtMs) / intervalMs));
    this.#dueAtMs += (missed + 1) * intervalMs;
    this.#sink.figures(slot, figures, this.#options.now());
  }

  broken(error: string, stale: boolean): void {
    // RFC 9112 section 9.3.1: a GET on a connection that turns out to be closed is asked again on a new one.
    if (stale) this.#ask();
    else this.#fail(error);
  }

  #ask(): void {
    if (this.#connection === undefined || this.#connection.closed) {
      try {
        this.#connection = new ScrapeConnection(this.#target, this.#request, this.#options.maxBytes, this);
      } catch (thrown) {
        // No connection can lead there, as to a port that there is not.
        this.#fail(toError(thrown).message);
        return;
      }
      this.#options.opened(this.#connection.socket);
    }
    this.#connection.ask();
  }

  #fail(error: string): void {
    this.#ticksLeft = 0;
    this.#failures++;
    this.#dueAtMs = this.#tickMs + this.#backOff(this.#failures, MAX_FAILED_DELAY_MS);
    this.#sink.failed(this.#target.slot, error, this.#options.now());
  }

  /** An error of ours: there are no figures; the endpoint is asked again, slower each time. */
  faulted(thrown: unknown): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    const task = `the scrape of ${this.#target.id}`;
    try {
      this.#fail(toError(thrown).message);
    } catch {
      // Its sink throws whatever it is told: that is what is told here.
    }
    tell(this.#options.onFault, task, thrown, this.#failures, Math.round(this.#dueAtMs - this.#tickMs));
  }

  #backOff(times: number, maxMs: number): number {
    const { intervalMs } = this.#options;
    return Math.max(intervalMs, Math.min(maxMs, intervalMs * 2 ** Math.min(times, 16)));
  }
}
