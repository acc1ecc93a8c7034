/** A gauge, or those of its series that have a label's value. */
export interface MetricName {
  readonly name: string;
  readonly where?: { readonly label: string; readonly is: string };
}

/** What one type of model server calls its figures. */
export interface ServerMetrics {
  readonly server: string;
  readonly running: MetricName;
  readonly waiting: MetricName;
  /** The first that is there counts: newer names first. */
  readonly kvCacheUsage: readonly MetricName[];
  /** Label of running and waiting that names the base model. */
  readonly modelLabel?: string;
  /**
   * Series that agree in this label are one engine seen several times: the largest counts.
   * Absent: every series is an engine of its own.
   */
  readonly engineLabel?: string;
  /** A series for every combination of adapters there ever was; its value is the Unix time it was last true. */
  readonly adapters?: {
    readonly name: string;
    readonly max: string;
    readonly running: string;
    readonly waiting: string;
  };
  readonly maxAdapters?: MetricName;
  /** The cache's shape as labels of an info metric. */
  readonly cacheInfo?: { readonly name: string; readonly blockSize: string; readonly numBlocks: string };
  /** The cache's shape as gauges. */
  readonly blockSize?: MetricName;
  readonly numBlocks?: MetricName;
}

const tritonRequests = (is: string): MetricName => ({
  name: 'nv_trt_llm_request_metrics',
  where: { label: 'request_type', is },
});
const tritonBlocks = (is: string): MetricName => ({
  name: 'nv_trt_llm_kv_cache_block_metrics',
  where: { label: 'kv_cache_block_type', is },
});

/**
 * One row a type of model server, asked in this order.
 * Names: llm-d-router's "Plugin Metric Protocol" (docs) and its core metrics extractor; vLLM 0.32's own scrape.
 */
export const SERVERS: readonly ServerMetrics[] = [
  {
    server: 'vLLM',
    running: { name: 'vllm:num_requests_running' },
    waiting: { name: 'vllm:num_requests_waiting' },
    kvCacheUsage: [{ name: 'vllm:kv_cache_usage_perc' }, { name: 'vllm:gpu_cache_usage_perc' }],
    modelLabel: 'model_name',
    adapters: {
      name: 'vllm:lora_requests_info',
      max: 'max_lora',
      running: 'running_lora_adapters',
      waiting: 'waiting_lora_adapters',
    },
    cacheInfo: { name: 'vllm:cache_config_info', blockSize: 'block_size', numBlocks: 'num_gpu_blocks' },
  },
  {
    // With priority scheduling there is a series a priority beside the one of all (priority=""), and with
    // --enable-metrics-for-all-schedulers every tensor parallel rank repeats what its engine has.
    server: 'SGLang',
    running: { name: 'sglang:num_running_reqs' },
    waiting: { name: 'sglang:num_queue_reqs' },
    kvCacheUsage: [{ name: 'sglang:token_usage' }],
    modelLabel: 'model_name',
    engineLabel: 'dp_rank',
    maxAdapters: { name: 'sglang:lora_pool_slots_total' },
    // Gauges since 0.5.11, an info metric before.
    cacheInfo: { name: 'sglang:cache_config_info', blockSize: 'page_size', numBlocks: 'num_pages' },
    blockSize: { name: 'sglang:page_size' },
    numBlocks: { name: 'sglang:num_pages' },
  },
  {
    // trtllm-serve: at /prometheus/metrics; its /metrics is JSON.
    server: 'TensorRT-LLM',
    running: { name: 'trtllm_num_requests_running' },
    waiting: { name: 'trtllm_num_requests_waiting' },
    kvCacheUsage: [{ name: 'trtllm_kv_cache_utilization' }],
    modelLabel: 'model_name',
    blockSize: { name: 'trtllm_kv_cache_tokens_per_block' },
    numBlocks: { name: 'trtllm_kv_cache_max_blocks' },
  },
  {
    // Not `active`, which holds the waiting ones too. Its label `model` is the name of a step, not of the base model.
    server: 'Triton TensorRT-LLM',
    running: tritonRequests('scheduled'),
    waiting: tritonRequests('waiting'),
    kvCacheUsage: [tritonBlocks('fraction')],
    blockSize: tritonBlocks('tokens_per'),
    numBlocks: tritonBlocks('max'),
  },
];
