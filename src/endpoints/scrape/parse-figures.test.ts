import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { vllmScrape } from './capture-for-test.ts';
import type { Figures } from './figures.ts';
import { parseFigures } from './parse-figures.ts';

const NOTHING: Figures = {
  running: 0,
  waiting: 0,
  kvCacheUsage: Number.NaN,
  modelName: '',
  runningAdapters: [],
  waitingAdapters: [],
  maxAdapters: 0,
  blockSize: 0,
  numBlocks: 0,
};

const CAPTURED: Figures = {
  ...NOTHING,
  running: 4,
  waiting: 2,
  kvCacheUsage: 0.0039081582804103565,
  modelName: '/model/llama2',
  maxAdapters: 4,
  blockSize: 128,
  numBlocks: 2048,
};

const parse = (...lines: string[]) => parseFigures(Buffer.from(lines.join('\n')));

test("a real vLLM's scrape, with LF and with CRLF", () => {
  assert.deepEqual(parseFigures(vllmScrape()), CAPTURED);
  assert.deepEqual(parseFigures(Buffer.from(vllmScrape().toString().replaceAll('\n', '\r\n'))), CAPTURED);
});

test('the order of lines does not matter', () => {
  const lines = vllmScrape().toString().trimEnd().split('\n');
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), shuffled => {
      assert.deepEqual(parse(...shuffled), CAPTURED);
    }),
    { numRuns: 30 },
  );
});

test('a scrape that is cut anywhere, or is no scrape, is never an error', () => {
  const scrape = vllmScrape();
  const firstGauge = scrape.indexOf('\nvllm:num_requests_running');
  fc.assert(
    fc.property(fc.nat(scrape.length), fc.nat(scrape.length), (a, b) => {
      const figures = parseFigures(scrape.subarray(Math.min(a, b), Math.max(a, b)));
      if (Math.max(a, b) < firstGauge) assert.equal(figures, undefined);
      for (const [name, value] of Object.entries(figures ?? {}))
        assert.ok(typeof value !== 'number' || value >= 0 || name === 'kvCacheUsage', name);
    }),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.uint8Array(), bytes => parseFigures(Buffer.from(bytes)) === undefined));
  assert.equal(parse(), undefined);
  assert.equal(parse('# TYPE vllm:num_requests_running gauge', 'http_requests_total 3'), undefined);
  assert.equal(parse('vllm:num_requests_running NaN', 'vllm:kv_cache_usage_perc 0.5'), undefined);
});

test('engines of one vLLM: requests and blocks add up, the usage is the mean', () => {
  assert.deepEqual(
    parse(
      'vllm:num_requests_running{engine="0",model_name="m"} 3.0',
      'vllm:num_requests_running{engine="1",model_name="m"} 5.0',
      'vllm:num_requests_running{engine="2",model_name="m"} NaN',
      'vllm:num_requests_waiting{engine="0",model_name="m"} 0.0',
      'vllm:num_requests_waiting{engine="1",model_name="m"} 7.0',
      'vllm:num_requests_waiting_by_reason{engine="1",model_name="m",reason="capacity"} 7.0',
      'vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25',
      'vllm:kv_cache_usage_perc{engine="1",model_name="m"} 0.75',
      'vllm:cache_config_info{block_size="16",engine="0",num_gpu_blocks="100"} 1.0',
      'vllm:cache_config_info{block_size="16",engine="1",num_gpu_blocks="None"} 1.0',
      'vllm:cache_config_info{block_size="16",engine="2",num_gpu_blocks="50"} 1.0',
    ),
    {
      ...NOTHING,
      running: 8,
      waiting: 7,
      kvCacheUsage: 0.5,
      modelName: 'm',
      blockSize: 16,
      numBlocks: 150,
    },
  );
});

test('an older vLLM calls its cache that of the GPU', () => {
  const older = ['vllm:num_requests_waiting 1', 'vllm:gpu_cache_usage_perc 0.5'];
  assert.equal(parse(...older)?.kvCacheUsage, 0.5);
  assert.equal(parse(...older, 'vllm:kv_cache_usage_perc 0.25')?.kvCacheUsage, 0.25);
});

test('adapters are those of the newest series', () => {
  const at = (time: string, running: string, waiting: string) =>
    `vllm:lora_requests_info{max_lora="4",running_lora_adapters="${running}",waiting_lora_adapters="${waiting}"} ${time}`;
  const scrape = [
    'vllm:num_requests_running 1',
    at('1.7955110028864832e+09', 'old', ''),
    at('1.7955110038864832e+09', 'a,b', 'c, d'),
    at('1.7955110018864832e+09', '', 'older'),
    at('NaN', 'x', 'x'),
  ];
  const { runningAdapters, waitingAdapters, maxAdapters } = parse(...scrape) as Figures;
  assert.deepEqual([runningAdapters, waitingAdapters, maxAdapters], [['a', 'b'], ['c', 'd'], 4]);
});

test('SGLang: a rank or a priority of an engine is not another engine', () => {
  assert.deepEqual(
    parse(
      'sglang:num_running_reqs{dp_rank="0",model_name="q",priority="",tp_rank="0"} 14.0',
      'sglang:num_running_reqs{dp_rank="0",model_name="q",priority="0",tp_rank="0"} 10.0',
      'sglang:num_running_reqs{dp_rank="0",model_name="q",priority="1",tp_rank="0"} 4.0',
      'sglang:num_running_reqs{dp_rank="0",model_name="q",priority="",tp_rank="1"} 14.0',
      'sglang:num_running_reqs{dp_rank="1",model_name="q",priority="",tp_rank="2"} 2.0',
      'sglang:num_queue_reqs{dp_rank="0",model_name="q",tp_rank="0"} 3.0',
      'sglang:token_usage{dp_rank="0",model_name="q",tp_rank="0"} 0.5',
      'sglang:token_usage{dp_rank="1",model_name="q",tp_rank="2"} 0.1',
      'sglang:lora_pool_slots_total{dp_rank="0"} 8.0',
      'sglang:page_size{dp_rank="0"} 64',
      'sglang:num_pages{dp_rank="0"} 1000',
      'sglang:num_pages{dp_rank="1"} 1000',
    ),
    {
      ...NOTHING,
      running: 16,
      waiting: 3,
      kvCacheUsage: 0.3,
      modelName: 'q',
      maxAdapters: 8,
      blockSize: 64,
      numBlocks: 2000,
    },
  );
  const older = parse('sglang:num_running_reqs 1', 'sglang:cache_config_info{page_size="1",num_pages="9"} 1');
  assert.deepEqual([older?.blockSize, older?.numBlocks], [1, 9]);
});

test('TensorRT-LLM, served by itself and by Triton', () => {
  const figures = { ...NOTHING, running: 4, waiting: 3, kvCacheUsage: 0.6, blockSize: 64, numBlocks: 6000 };
  assert.deepEqual(
    parse(
      'trtllm_num_requests_running{engine_type="pytorch",model_name="m"} 4.0',
      'trtllm_num_requests_waiting{engine_type="pytorch",model_name="m"} 3.0',
      'trtllm_kv_cache_utilization{engine_type="pytorch",model_name="m"} 0.6',
      'trtllm_kv_cache_tokens_per_block{engine_type="pytorch",model_name="m"} 64.0',
      'trtllm_kv_cache_max_blocks{engine_type="pytorch",model_name="m"} 6000.0',
    ),
    { ...figures, modelName: 'm' },
  );
  const requests = (type: string, value: number) =>
    `nv_trt_llm_request_metrics{model="tensorrt_llm",request_type="${type}",version="1"} ${value}`;
  const blocks = (type: string, value: number) =>
    `nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="${type}",model="tensorrt_llm",version="1"} ${value}`;
  assert.deepEqual(
    parse(
      ...[requests('waiting', 3), requests('context', 1), requests('scheduled', 4)],
      ...[requests('max', 512), requests('active', 7)],
      ...[blocks('fraction', 0.6), blocks('used', 3600), blocks('max', 6000), blocks('tokens_per', 64)],
    ),
    figures,
  );
});

test('a figure that cannot be is as if it were not there; a KV cache of which nothing is said is not empty', () => {
  const odd = ['NaN', '+Inf', '-Inf', '-1', '-0.001', '1e300', '40'];
  for (const value of odd) {
    const figures = parse('vllm:num_requests_running 2', `vllm:kv_cache_usage_perc ${value}`);
    assert.ok(Number.isNaN(figures?.kvCacheUsage), value);
  }
  assert.ok(Number.isNaN(parse('vllm:num_requests_running 2')?.kvCacheUsage));
  assert.equal(parse('vllm:num_requests_running 2', 'vllm:kv_cache_usage_perc 1.0000001')?.kvCacheUsage, 1);
  for (const value of odd.slice(0, 6)) {
    assert.equal(parse(`vllm:num_requests_running ${value}`), undefined, value);
    const some = parse(
      `vllm:num_requests_running{engine="0"} ${value}`,
      'vllm:num_requests_running{engine="1"} 3',
      `vllm:num_requests_waiting ${value}`,
    );
    assert.deepEqual([some?.running, some?.waiting], [3, 0], value);
  }
  const half = ['vllm:kv_cache_usage_perc{engine="0"} NaN', 'vllm:kv_cache_usage_perc{engine="1"} 0.4'];
  assert.equal(parse('vllm:num_requests_running 2', ...half)?.kvCacheUsage, 0.4);
});
