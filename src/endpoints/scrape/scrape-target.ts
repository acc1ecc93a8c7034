import type { Figures } from './figures.ts';

/** An endpoint to scrape. */
export interface ScrapeTarget {
  /** `ADDRESS:PORT`, IPv6 in brackets. */
  readonly id: string;
  readonly address: string;
  readonly port: number;
  /** Of the metrics: `/metrics`. */
  readonly path: string;
  /** What the sink knows it by. */
  readonly slot: number;
  /** Over TLS. */
  readonly secure?: boolean;
}

/** Hears what comes of the scrapes. Times are those of the scraper's clock. */
export interface ScrapeSink {
  /** Just before the request is sent: what the server was sent until now, its figures may know of. */
  sent(slot: number): void;
  figures(slot: number, figures: Figures, nowMs: number): void;
  /** Answered, without figures that are known (as with 404): the server lives. @param got what was got instead, in words */
  alive(slot: number, got: string, nowMs: number): void;
  /** No whole answer, or a 5xx. */
  failed(slot: number, error: string, nowMs: number): void;
}
