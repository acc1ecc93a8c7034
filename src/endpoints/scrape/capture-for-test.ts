import { readFileSync } from 'node:fs';

const CAPTURE = new URL('../../simulator/testdata/vllm-0.32-metrics.txt', import.meta.url);

const FIGURES: Readonly<Record<string, string>> = {
  'vllm:num_requests_running': '4.0',
  'vllm:num_requests_waiting': '2.0',
  'vllm:kv_cache_usage_perc': '0.0039081582804103565',
  'vllm:lora_requests_info': '1.7955110028864832e+09',
};

/** A real vLLM's scrape of 59 KB under load: 6 requests on 4 slots. The capture has no figures; these are the real ones. */
export function vllmScrape(): Buffer {
  const lines = readFileSync(CAPTURE, 'utf8').trimEnd().split('\n');
  const whole = lines.map(line =>
    line.startsWith('#') ? line : `${line} ${FIGURES[line.slice(0, line.search(/[{ ]|$/))] ?? '1.0'}`,
  );
  return Buffer.from(`${whole.join('\n')}\n`);
}
