import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Makes metrics, those of one scrape for the most part; {@link text} is Prometheus' text format. */
export interface MetricsRegistry {
  gauge(name: string, help: string, labelNames?: string[]): Gauge;
  counter(name: string, help: string, labelNames?: string[]): Counter;
  histogram(name: string, help: string, buckets: number[], labelNames?: string[]): Histogram;
  text(): Promise<string>;
}

/** A registry for each scrape: series of scopes and endpoints that are gone do not stay. */
export function metricsRegistry(): MetricsRegistry {
  const registry = new Registry();
  const registers = [registry];
  return {
    gauge: (name, help, labelNames = []) => new Gauge({ name, help, labelNames, registers }),
    counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers }),
    histogram: (name, help, buckets, labelNames = []) =>
      new Histogram({ name, help, buckets, labelNames, registers }),
    text: () => registry.metrics(),
  };
}
