import type { Figures } from './figures.ts';
import { LineFinder } from './find-lines.ts';
import { readSeries } from './series.ts';
import { type MetricName, SERVERS, type ServerMetrics } from './server-metrics.ts';

const FINDER = new LineFinder(SERVERS.flatMap(namesOf));

/**
 * Reads a scrape in Prometheus' text format, which may be cut anywhere: what is malformed is as if it were not there.
 * @returns undefined when no known model server's running or waiting gauge is in it
 */
export function parseFigures(body: Buffer): Figures | undefined {
  const lines = FINDER.find(body);
  if (lines.size === 0) return undefined;
  for (const server of SERVERS) {
    const figures = new Scrape(body, lines, server).figures();
    if (figures !== undefined) return figures;
  }
  return undefined;
}

/** No model server has more of anything, and the sum of some still fits 32 bits. */
const MOST = 2 ** 24;
/** All of a KV cache, and what rounding adds. */
const FULL = 1.001;

/** A gauge over the engines of a server. */
interface Gauge {
  readonly sum: number;
  readonly engines: number;
  readonly modelName: string;
}

/** A scrape as one type of server would have written it. */
class Scrape {
  readonly #body: Buffer;
  readonly #lines: ReadonlyMap<string, readonly number[]>;
  readonly #server: ServerMetrics;

  constructor(body: Buffer, lines: ReadonlyMap<string, readonly number[]>, server: ServerMetrics) {
    this.#body = body;
    this.#lines = lines;
    this.#server = server;
  }

  figures(): Figures | undefined {
    const server = this.#server;
    const running = this.#gauge(server.running);
    const waiting = this.#gauge(server.waiting);
    if (running === undefined && waiting === undefined) return undefined;
    const adapters = this.#adapters();
    const cache = this.#cacheInfo();
    return {
      running: running?.sum ?? 0,
      waiting: waiting?.sum ?? 0,
      kvCacheUsage: this.#kvCacheUsage(),
      modelName: running?.modelName || waiting?.modelName || '',
      runningAdapters: adapters.running,
      waitingAdapters: adapters.waiting,
      maxAdapters: adapters.max || this.#mean(server.maxAdapters),
      blockSize: cache.blockSize || this.#mean(server.blockSize),
      numBlocks: cache.numBlocks || (this.#gauge(server.numBlocks)?.sum ?? 0),
    };
  }

  #kvCacheUsage(): number {
    for (const name of this.#server.kvCacheUsage) {
      const gauge = this.#gauge(name, FULL);
      if (gauge !== undefined) return Math.min(1, gauge.sum / gauge.engines);
    }
    return Number.NaN;
  }

  #mean(name: MetricName | undefined): number {
    const gauge = this.#gauge(name);
    return gauge === undefined ? 0 : gauge.sum / gauge.engines;
  }

  /** A value that cannot be (no number, negative, beyond `most`) is as if it were not there. */
  #gauge(metric: MetricName | undefined, most = MOST): Gauge | undefined {
    if (metric === undefined) return undefined;
    const offsets = this.#lines.get(metric.name);
    if (offsets === undefined) return undefined;
    const { engineLabel = '', modelLabel = '' } = this.#server;
    const wanted = [modelLabel, engineLabel, metric.where?.label ?? ''];
    const largest = new Map<string, number>();
    let modelName = '';
    for (const offset of offsets) {
      const series = readSeries(this.#body, offset, wanted);
      if (series === undefined || !(series.value >= 0 && series.value <= most)) continue;
      const [model, engine, where] = series.labels as [string, string, string];
      if (metric.where !== undefined && where !== metric.where.is) continue;
      modelName ||= model;
      const key = engineLabel === '' ? String(offset) : engine;
      largest.set(key, Math.max(series.value, largest.get(key) ?? 0));
    }
    if (largest.size === 0) return undefined;
    let sum = 0;
    for (const value of largest.values()) sum += value;
    return { sum, engines: largest.size, modelName };
  }

  /** The newest series; of two as new the one written last. */
  #adapters(): { readonly running: string[]; readonly waiting: string[]; readonly max: number } {
    const info = this.#server.adapters;
    let newest = Number.NEGATIVE_INFINITY;
    let labels: readonly string[] = ['', '', ''];
    if (info !== undefined) {
      for (const offset of this.#lines.get(info.name) ?? []) {
        const series = readSeries(this.#body, offset, [info.running, info.waiting, info.max]);
        if (series === undefined || !(series.value >= newest)) continue;
        newest = series.value;
        labels = series.labels;
      }
    }
    const [running, waiting, max] = labels as [string, string, string];
    return { running: splitNames(running), waiting: splitNames(waiting), max: wholeNumber(max) };
  }

  #cacheInfo(): { readonly blockSize: number; readonly numBlocks: number } {
    const info = this.#server.cacheInfo;
    let blockSize = 0;
    let numBlocks = 0;
    if (info !== undefined) {
      for (const offset of this.#lines.get(info.name) ?? []) {
        const series = readSeries(this.#body, offset, [info.blockSize, info.numBlocks]);
        if (series === undefined) continue;
        blockSize = Math.max(blockSize, wholeNumber(series.labels[0] as string));
        numBlocks += wholeNumber(series.labels[1] as string);
      }
    }
    return { blockSize, numBlocks };
  }
}

function namesOf(server: ServerMetrics): string[] {
  const { running, waiting, kvCacheUsage, adapters, maxAdapters, cacheInfo, blockSize, numBlocks } = server;
  const metrics = [running, waiting, ...kvCacheUsage, adapters, maxAdapters, cacheInfo, blockSize, numBlocks];
  return metrics.flatMap(metric => metric?.name ?? []);
}

/** `a, b`: vLLM writes a comma alone, its protocol's example has a space too. */
function splitNames(text: string): string[] {
  return text === ''
    ? []
    : text
        .split(',')
        .map(name => name.trim())
        .filter(name => name !== '');
}

/** vLLM writes `None` for what it does not know. */
function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
