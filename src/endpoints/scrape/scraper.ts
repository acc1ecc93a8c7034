import type { Socket } from 'node:net';
import {
  monotonicMs,
  type OnFault,
  startInterval,
  stopTimer,
  type Timer,
  wallMs,
} from '../../kernel/index.ts';
import { EndpointScrape, type EndpointScrapeOptions } from './endpoint-scrape.ts';
import type { ScrapeSink, ScrapeTarget } from './scrape-target.ts';

const DEFAULT_INTERVAL_MS = 200;
const DEFAULT_TIMEOUT_MS = 1000;
/** A vLLM scrape is 60 KB; one with hundreds of engines and adapters is still far from this. */
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** One timer for all endpoints, with this many beats an interval. */
const TICKS_PER_INTERVAL = 20;
/** Its fractions of multiples spread any number of endpoints evenly. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

export interface ScraperOptions {
  /** Between the starts of two scrapes of an endpoint. Default: 200 ms. */
  readonly intervalMs?: number;
  /** For connecting and the whole answer. Default: 1 s. */
  readonly timeoutMs?: number;
  /** Body of an answer. Default: 4 MiB. */
  readonly maxBytes?: number;
  /** Time that the sink is told. Default: the wall clock. */
  readonly now?: () => number;
  /** What threw in us while an endpoint was asked: it is asked later, the others now. */
  readonly onFault?: OnFault;
}

/** Asks endpoints for their metrics, again and again. It does not keep the process alive. */
export class Scraper {
  readonly #sink: ScrapeSink;
  readonly #options: EndpointScrapeOptions;
  readonly #sockets = new Set<Socket>();
  #endpoints = new Map<string, EndpointScrape>();
  #added = 0;
  #timer: Timer | undefined;
  #closed = false;
  #whenNoSockets: (() => void)[] = [];

  constructor(sink: ScrapeSink, options: ScraperOptions = {}) {
    this.#sink = sink;
    const intervalMs = options.intervalMs ?? DEFAULT_INTERVAL_MS;
    this.#options = {
      intervalMs,
      tickMs: Math.max(1, Math.floor(intervalMs / TICKS_PER_INTERVAL)),
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES,
      now: options.now ?? wallMs,
      opened: socket => this.#keep(socket),
      onFault: options.onFault ?? (() => {}),
    };
  }

  /** Replaces the set of endpoints; those that stay (same id, path and slot) keep their connection and beat. */
  setTargets(targets: readonly ScrapeTarget[]): void {
    if (this.#closed) return;
    const before = this.#endpoints;
    const after = new Map<string, EndpointScrape>();
    for (const target of targets) {
      const key = `${target.slot} ${target.secure === true} ${target.id} ${target.path}`;
      after.set(key, after.get(key) ?? before.get(key) ?? this.#add(target));
    }
    for (const [key, endpoint] of before) if (!after.has(key)) endpoint.close();
    this.#endpoints = after;
    if (after.size === 0) this.#stop();
    else this.#start();
  }

  /** Ends scrapes and connections; the sink hears nothing any more. Resolves when no socket is left. */
  close(): Promise<void> {
    this.setTargets([]);
    this.#closed = true;
    return new Promise(resolve => {
      if (this.#sockets.size === 0) resolve();
      else this.#whenNoSockets.push(resolve);
    });
  }

  #add(target: ScrapeTarget): EndpointScrape {
    const phase = (this.#added++ * GOLDEN_RATIO) % 1;
    const dueAtMs = monotonicMs() + phase * this.#options.intervalMs;
    return new EndpointScrape(target, this.#sink, this.#options, dueAtMs);
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = startInterval(this.#options.tickMs, () => {
      const nowMs = monotonicMs();
      for (const endpoint of this.#endpoints.values()) endpoint.tick(nowMs);
    });
    this.#timer.unref();
  }

  #stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#sockets.size > 0) return;
      for (const resolve of this.#whenNoSockets.splice(0)) resolve();
    });
  }
}
