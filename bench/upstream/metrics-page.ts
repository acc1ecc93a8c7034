import { readFileSync } from 'node:fs';

/** A real vLLM's scrape without its figures. */
const CAPTURE = new URL('../../src/simulator/testdata/vllm-0.32-metrics.txt', import.meta.url);

/** What a picker reads; all others get a figure of a usual length. */
const GAUGES: Readonly<Record<string, string>> = {
  'vllm:num_requests_running': '3.0',
  'vllm:num_requests_waiting': '0.0',
  'vllm:kv_cache_usage_perc': '0.25',
};

/** The page a model server gives at /metrics: 60 KB, the names and labels of a real vLLM. */
export function metricsPage(): string {
  const lines = readFileSync(CAPTURE, 'utf8').trimEnd().split('\n');
  return `${lines.map((line, index) => (line.startsWith('#') ? line : `${line} ${figure(line, index)}`)).join('\n')}\n`;
}

function figure(line: string, index: number): string {
  const name = line.split('{', 1)[0]!;
  return GAUGES[name] ?? `${index * 17}.0`;
}
