import { HTTP_BY_HANDLER, HTTP_HIGH_RESOLUTION } from './buckets.ts';
import { Counter, type Family, Histogram, Summary } from './family.ts';

/** Handlers that are not counted, as vLLM sets up prometheus_fastapi_instrumentator. */
const EXCLUDED = new Set(['/metrics', '/health', '/load', '/ping', '/version', '/server_info']);

export interface HttpExchange {
  /** Route, or `none` when none took the request. */
  readonly handler: string;
  readonly method: string;
  readonly status: number;
  /** By the `content-length` headers; 0 without one. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly durationSeconds: number;
}

/** The `http_*` families of prometheus_fastapi_instrumentator. */
export class HttpMetrics {
  readonly #requests: Counter;
  readonly #requestSize: Summary;
  readonly #responseSize: Summary;
  readonly #durationHighResolution: Histogram;
  readonly #duration: Histogram;
  readonly families: readonly Family[];

  constructor(now: () => number) {
    this.#requests = new Counter(
      'http_requests',
      'Total number of requests by method, status and handler.',
      now,
    );
    const size = (direction: string) =>
      `Content length of ${direction} by handler. Only value of header is respected. Otherwise ignored. No percentile calculated. `;
    this.#requestSize = new Summary('http_request_size_bytes', size('incoming requests'), now);
    this.#responseSize = new Summary('http_response_size_bytes', size('outgoing responses'), now);
    this.#durationHighResolution = new Histogram(
      'http_request_duration_highr_seconds',
      'Latency with many buckets but no API specific labels. Made for more accurate percentile calculations. ',
      HTTP_HIGH_RESOLUTION,
      now,
      [[]],
    );
    this.#duration = new Histogram(
      'http_request_duration_seconds',
      'Latency with only few buckets by handler. Made to be only used if aggregation by handler is important. ',
      HTTP_BY_HANDLER,
      now,
    );
    this.families = [
      this.#requests,
      this.#requestSize,
      this.#responseSize,
      this.#durationHighResolution,
      this.#duration,
    ];
  }

  observe(exchange: HttpExchange): void {
    const { handler, method } = exchange;
    if (EXCLUDED.has(handler)) return;
    this.#requests.of([
      ['handler', handler],
      ['method', method],
      ['status', `${Math.floor(exchange.status / 100)}xx`],
    ]).value++;
    this.#requestSize.observe([['handler', handler]], exchange.requestBytes);
    this.#responseSize.observe([['handler', handler]], exchange.responseBytes);
    this.#durationHighResolution.of([]).observe(exchange.durationSeconds);
    this.#duration
      .of([
        ['handler', handler],
        ['method', method],
      ])
      .observe(exchange.durationSeconds);
  }
}
