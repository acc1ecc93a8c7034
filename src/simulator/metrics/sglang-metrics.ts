import type { EngineGauges } from './engine-metrics.ts';
import { type Family, Gauge, type Labels } from './family.ts';

/** The figures of SGLang's `/metrics` that schedulers read; a simulated SGLang has them beside vLLM's. */
export function sglangFamilies(modelName: string, gauges: () => EngineGauges): Family[] {
  const labels: Labels = [
    ['engine_type', 'unified'],
    ['model_name', modelName],
    ['tp_rank', '0'],
  ];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge(`sglang:${name}`, help, [[labels, read]]);
  return [
    gauge('num_running_reqs', 'The number of running requests.', () => gauges().running),
    gauge('num_queue_reqs', 'The number of requests in the waiting queue.', () => gauges().waiting),
    gauge('token_usage', 'The token usage.', () => gauges().kvUsage),
  ];
}
