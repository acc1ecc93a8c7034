import { metricsRegistry, processFigures } from '../kernel/index.ts';

/** What a process says of itself, in Prometheus text format. Names and meanings are in docs/reference/metrics.md. */
export function processMetrics(): Promise<string> {
  const registry = metricsRegistry();
  registry
    .counter(
      'breakwater_uncaught_errors_total',
      'Errors that nothing but the last guard of the process caught.',
    )
    .inc(processFigures.uncaughtErrors);
  registry
    .counter('breakwater_log_lines_dropped_total', 'Lines of the log that could not be written.')
    .inc(processFigures.droppedLogLines);
  return registry.text();
}
