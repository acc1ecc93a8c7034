import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LABELS, startForTest } from '../start-for-test.ts';
import { pythonRepr, sampleValue } from './python-float.ts';

const CAPTURE = new URL('../testdata/vllm-0.32-metrics.txt', import.meta.url);

test("names, labels, help and type lines are vLLM's, in its order", async context => {
  const server = await startForTest(
    context,
    ...[
      '--max-model-len',
      '2048',
      '--max-num-seqs',
      '4',
      '--block-size',
      '128',
      '--num-gpu-blocks-override',
      '2048',
    ],
    ...['--enable-lora', '--max-loras', '4', '--max-cpu-loras', '12'],
  );
  // The same routes in the same order as when the capture was made.
  const messages = [{ role: 'user', content: 'hi' }];
  await server.post('/v1/chat/completions', { messages, max_tokens: 1 });
  await server.post('/v1/chat/completions', {});
  await fetch(`${server.url}/nope`);
  await server.post('/v1/completions', { prompt: 'x', max_tokens: 1 });
  await server.post('/v1/embeddings', {});
  await server.post('/tokenize', { prompt: 'x' });
  await server.post('/detokenize', { tokens: [1] });
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const ours = text
    .trimEnd()
    .split('\n')
    .map(line => (line.startsWith('#') ? line : line.slice(0, line.lastIndexOf(' '))));
  const captured = readFileSync(CAPTURE, 'utf8').trimEnd().split('\n');
  const comparable = (lines: readonly string[]) =>
    lines
      .filter(line => !/^(python_gc|vllm:lora_requests_info\{)/.test(line))
      .map(line => (line.startsWith('vllm:cache_config_info') ? line.replaceAll(/="[^"]*"/g, '') : line));
  assert.deepEqual(comparable(ours), comparable(captured));
});

test('figures move with the work', async context => {
  const server = await startForTest(context, '--max-num-seqs', '2', '--sim-decode-ms', '3');
  const body = { prompt: 'x '.repeat(64), max_tokens: 40, ignore_eos: true };
  const answers = [1, 2, 3, 4].map(() => server.post('/v1/completions', body));
  await server.untilMetric(`vllm:num_requests_running${LABELS}`, 2);
  assert.equal(await server.metric(`vllm:num_requests_waiting${LABELS}`), 2);
  assert.ok((await server.metric(`vllm:kv_cache_usage_perc${LABELS}`)) > 0);
  for (const answer of answers) assert.equal((await answer).status, 200);
  await server.untilMetric(`vllm:num_requests_running${LABELS}`, 0);
  assert.equal(await server.metric(`vllm:kv_cache_usage_perc${LABELS}`), 0);
  assert.equal(await server.metric(`vllm:generation_tokens_total${LABELS}`), 160);
  assert.equal(
    await server.metric(
      'vllm:request_success_total{engine="0",finished_reason="length",model_name="/model/llama2"}',
    ),
    4,
  );
  const queries = await server.metric(`vllm:prefix_cache_queries_total${LABELS}`);
  const hits = await server.metric(`vllm:prefix_cache_hits_total${LABELS}`);
  assert.ok(hits > 0 && hits < queries, `${hits} of ${queries}`);
  assert.equal(await server.metric(`vllm:time_to_first_token_seconds_count${LABELS}`), 4);
  assert.equal(await server.metric(`vllm:inter_token_latency_seconds_count${LABELS}`), 156);
});

test('the newest series of lora_requests_info says which adapters run', async context => {
  const server = await startForTest(
    context,
    ...[
      '--enable-lora',
      '--max-loras',
      '1',
      '--lora-modules',
      'a=/a',
      'b=/b',
      '--sim-decode-ms',
      '5',
      '--sim-lora-load-ms',
      '1',
    ],
  );
  const body = { prompt: 'x', max_tokens: 30, ignore_eos: true };
  const first = server.post('/v1/completions', { ...body, model: 'a' });
  await server.untilMetric(`vllm:num_requests_running${LABELS}`, 1);
  const second = server.post('/v1/completions', { ...body, model: 'b' });
  await server.untilMetric(
    'vllm:num_requests_waiting_by_reason{engine="0",model_name="/model/llama2",reason="deferred"}',
    1,
  );
  assert.equal(
    await newestLoraLabels(server.url),
    'max_lora="1",running_lora_adapters="a",waiting_lora_adapters="b"',
  );
  assert.equal(((await (await first).json()) as { model: string }).model, 'a');
  assert.equal((await second).status, 200);
  await server.untilMetric(`vllm:num_requests_running${LABELS}`, 0);
  assert.equal(
    await newestLoraLabels(server.url),
    'max_lora="1",running_lora_adapters="",waiting_lora_adapters=""',
  );
});

async function newestLoraLabels(url: string): Promise<string | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const series = [...text.matchAll(/^vllm:lora_requests_info\{(.*)\} (.*)$/gm)].map(
    ([, labels, value]) => [labels, Number(value)] as const,
  );
  return series.sort(([, a], [, b]) => a - b).at(-1)?.[0];
}

test('floats are written as Python writes them', () => {
  for (const [value, text] of [
    [3, '3.0'],
    [0.5, '0.5'],
    [1e-5, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [1e16, '1e+16'],
    [123456789, '123456789.0'],
  ] as const)
    assert.equal(pythonRepr(value), text);
  for (const [value, text] of [
    [118, '118.0'],
    [4737789952, '4.737789952e+09'],
    [1795510954.61, '1.79551095461e+09'],
    [100000, '100000.0'],
    [1000000, '1e+06'],
    [Number.POSITIVE_INFINITY, '+Inf'],
  ] as const)
    assert.equal(sampleValue(value), text);
});
