import type { EngineObserver } from '../engine/engine-observer.ts';
import type { FinishReason, Sequence } from '../engine/token-sequence.ts';
import * as buckets from './buckets.ts';
import type { Family, Labels } from './family.ts';
import { FamilyBuilder } from './family-builder.ts';
import { LoraInfo } from './lora-info.ts';

/** What the gauges read when a scrape comes. */
export interface EngineGauges {
  readonly running: number;
  readonly waiting: number;
  readonly deferred: number;
  readonly kvUsage: number;
}

export interface EngineMetricsOptions {
  readonly modelName: string;
  readonly maxModelLen: number;
  /** Undefined: no adapters are served, and the family is not there. */
  readonly maxLoras: number | undefined;
  /** Unix time in seconds. */
  readonly now: () => number;
}

const FINISH_REASONS = ['stop', 'length', 'abort', 'error', 'repetition'] as const;
const CACHE_TIERS = ['device', 'host', 'p2p', 'disk', 'external_unspecified'] as const;

/** vLLM 0.32's `vllm:*` families, in its order, with its names, labels and help texts. */
export class EngineMetrics implements EngineObserver {
  readonly families: readonly Family[];
  readonly #loraInfo: LoraInfo | undefined;
  readonly #build: FamilyBuilder;
  readonly #options: EngineMetricsOptions;

  constructor(options: EngineMetricsOptions, gauges: () => EngineGauges) {
    this.#options = options;
    this.#build = new FamilyBuilder(
      [
        ['engine', '0'],
        ['model_name', options.modelName],
      ],
      options.now,
    );
    this.#loraInfo = options.maxLoras === undefined ? undefined : new LoraInfo(options.maxLoras, options.now);
    this.families = [
      ...this.#flops(),
      ...this.#states(gauges),
      ...this.#caches(),
      ...this.#requests(),
      ...this.#latencies(),
      ...(this.#loraInfo === undefined ? [] : [this.#loraInfo]),
    ];
  }

  stepped(tokens: number, promptComputed: number): void {
    this.#build.observe('iteration_tokens_total', tokens);
    this.#build.add('prompt_tokens', promptComputed);
    this.#build.add('prompt_tokens_by_source/local_compute', promptComputed);
  }

  prefixLookedUp(queriedTokens: number, hitTokens: number): void {
    this.#build.add('prefix_cache_queries', queriedTokens);
    this.#build.add('prefix_cache_hits', hitTokens);
    this.#build.add('prompt_tokens_by_source/local_cache_hit', hitTokens);
    this.#build.add('prompt_tokens', hitTokens);
    this.#build.add('prompt_tokens_cached', hitTokens);
    this.#build.add('prompt_tokens_cached_by_source/device', hitTokens);
  }

  generated(sequence: Sequence, nowMs: number): void {
    this.#build.add('generation_tokens', 1);
    if (Number.isNaN(sequence.firstTokenMs))
      this.#build.observe('time_to_first_token_seconds', (nowMs - sequence.arrivalMs) / 1000);
    else this.#build.observe('inter_token_latency_seconds', (nowMs - sequence.lastTokenMs) / 1000);
  }

  preempted(): void {
    this.#build.add('num_preemptions', 1);
  }

  finished(sequence: Sequence, reason: FinishReason, nowMs: number): void {
    const { request, generated } = sequence;
    this.#build.add(`request_success/${reason}`, 1);
    const seconds = (from: number, to: number) => Math.max(0, (to - from) / 1000 || 0);
    const last = Number.isNaN(sequence.lastTokenMs) ? nowMs : sequence.lastTokenMs;
    const decode = seconds(sequence.firstTokenMs, last);
    this.#build.observe('request_prompt_tokens', request.promptTokens.length);
    this.#build.observe('request_generation_tokens', generated);
    this.#build.observe('request_max_num_generation_tokens', generated);
    this.#build.observe('request_params_n', request.n);
    this.#build.observe('request_params_max_tokens', request.maxTokens);
    this.#build.observe(
      'request_time_per_output_token_seconds',
      generated > 1 ? decode / (generated - 1) : 0,
    );
    this.#build.observe('e2e_request_latency_seconds', seconds(sequence.arrivalMs, nowMs));
    this.#build.observe(
      'request_queue_time_seconds',
      seconds(sequence.arrivalMs, Number.isNaN(sequence.scheduledMs) ? nowMs : sequence.scheduledMs),
    );
    this.#build.observe('request_inference_time_seconds', seconds(sequence.scheduledMs, last));
    this.#build.observe('request_prefill_time_seconds', seconds(sequence.scheduledMs, sequence.firstTokenMs));
    this.#build.observe('request_decode_time_seconds', decode);
    this.#build.observe('request_num_preemptions', sequence.preemptions);
    this.#build.observe(
      'request_prefill_kv_computed_tokens',
      request.promptTokens.length - Math.max(0, sequence.cachedTokens),
    );
  }

  lorasChanged(running: string, waiting: string): void {
    this.#loraInfo?.set(running, waiting);
  }

  /** A request was refused because too many were unfinished. */
  refused(): void {
    this.#build.add('admission_rejections/max_num_queued_reqs', 1);
  }

  #flops(): Family[] {
    const purpose = '(for Model Flops Utilization calculations).';
    return [
      this.#build.counter(
        'estimated_flops_per_gpu',
        `Estimated number of floating point operations per GPU ${purpose}`,
      ),
      this.#build.counter(
        'estimated_read_bytes_per_gpu',
        `Estimated number of bytes read from memory per GPU ${purpose}`,
      ),
      this.#build.counter(
        'estimated_write_bytes_per_gpu',
        `Estimated number of bytes written to memory per GPU ${purpose}`,
      ),
    ];
  }

  #states(gauges: () => EngineGauges): Family[] {
    return [
      this.#build.gauge(
        'num_requests_running',
        'Number of requests in model execution batches.',
        () => gauges().running,
      ),
      this.#build.gauge(
        'num_requests_waiting',
        'Number of requests waiting to be processed.',
        () => gauges().waiting,
      ),
      this.#build.gauge(
        'num_requests_waiting_by_reason',
        "Number of waiting requests by reason. Reason labels: 'capacity' = waiting for scheduling capacity; 'deferred' = deferred by transient constraints (LoRA budget, KV transfer, blocked status). Sum of all reasons equals vllm:num_requests_waiting.",
        () => 0,
        'reason',
        { capacity: () => gauges().waiting - gauges().deferred, deferred: () => gauges().deferred },
      ),
      this.#build.gauge(
        'engine_sleep_state',
        'Engine sleep state; awake = 0 means engine is sleeping; awake = 1 means engine is awake; weights_offloaded = 1 means sleep level 1; discard_all = 1 means sleep level 2.',
        () => 0,
        'sleep_state',
        { awake: () => 1, weights_offloaded: () => 0, discard_all: () => 0 },
      ),
      this.#build.gauge(
        'kv_cache_usage_perc',
        'KV-cache usage. 1 means 100 percent usage.',
        () => gauges().kvUsage,
      ),
    ];
  }

  #caches(): Family[] {
    const external = 'from KV connector cross-instance cache sharing, in terms of number of';
    return [
      this.#build.counter(
        'prefix_cache_queries',
        'Prefix cache queries, in terms of number of queried tokens.',
      ),
      this.#build.counter('prefix_cache_hits', 'Prefix cache hits, in terms of number of cached tokens.'),
      this.#build.counter(
        'external_prefix_cache_queries',
        `External prefix cache queries ${external} queried tokens.`,
      ),
      this.#build.counter(
        'external_prefix_cache_hits',
        `External prefix cache hits ${external} cached tokens.`,
      ),
      this.#build.counter(
        'mm_cache_queries',
        'Multi-modal cache queries, in terms of number of queried items.',
      ),
      this.#build.counter('mm_cache_hits', 'Multi-modal cache hits, in terms of number of cached items.'),
    ];
  }

  #requests(): Family[] {
    const tokenBounds = buckets.oneTwoFive(this.#options.maxModelLen);
    const model: Labels = [['model_name', this.#options.modelName]];
    return [
      this.#build.counter('num_preemptions', 'Cumulative number of preemption from the engine.'),
      this.#build.counter('prompt_tokens', 'Number of prefill tokens processed.'),
      this.#build.counter('prompt_tokens_by_source', 'Number of prompt tokens by source.', 'source', [
        'local_compute',
        'local_cache_hit',
        'external_kv_transfer',
      ]),
      this.#build.counter('prompt_tokens_cached', 'Number of cached prompt tokens (local + external).'),
      this.#build.counter(
        'prompt_tokens_cached_by_source',
        'Prefix-cache hit tokens by the cache tier that supplied them: device (local HBM), host (offloaded to DRAM), disk, p2p (transferred from another vLLM instance) or external_unspecified. Counted at admission; sums to vllm:prefix_cache_hits + vllm:external_prefix_cache_hits.',
        'source',
        CACHE_TIERS,
      ),
      this.#build.counter('generation_tokens', 'Number of generation tokens processed.'),
      this.#build.counter(
        'request_success',
        'Count of successfully processed requests.',
        'finished_reason',
        FINISH_REASONS,
      ),
      this.#build.counter(
        'admission_rejections',
        'Number of admission attempts rejected by a queue limit, by reason.',
        'reason',
        ['max_num_queued_reqs', 'max_num_queued_tokens'],
        model,
      ),
      this.#build.histogram('request_prompt_tokens', 'Number of prefill tokens processed.', tokenBounds),
      this.#build.histogram(
        'request_generation_tokens',
        'Number of generation tokens processed.',
        tokenBounds,
      ),
      this.#build.histogram(
        'iteration_tokens_total',
        'Histogram of number of tokens per engine_step.',
        buckets.ITERATION_TOKENS,
      ),
      this.#build.histogram(
        'request_max_num_generation_tokens',
        'Histogram of maximum number of requested generation tokens.',
        tokenBounds,
      ),
      this.#build.histogram(
        'request_params_n',
        'Histogram of the n request parameter.',
        buckets.PARALLEL_SAMPLES,
      ),
      this.#build.histogram(
        'request_params_max_tokens',
        'Histogram of the max_tokens request parameter.',
        tokenBounds,
      ),
    ];
  }

  #latencies(): Family[] {
    const phase = (name: string) => `Histogram of time spent in ${name} phase for request.`;
    return [
      this.#build.histogram(
        'time_to_first_token_seconds',
        'Histogram of time to first token in seconds.',
        buckets.TIME_TO_FIRST_TOKEN,
      ),
      this.#build.histogram(
        'inter_token_latency_seconds',
        'Histogram of inter-token latency in seconds.',
        buckets.TOKEN_LATENCY,
      ),
      this.#build.histogram(
        'request_time_per_output_token_seconds',
        'Histogram of time_per_output_token_seconds per request.',
        buckets.TOKEN_LATENCY,
      ),
      this.#build.histogram(
        'e2e_request_latency_seconds',
        'Histogram of e2e request latency in seconds.',
        buckets.REQUEST_LATENCY,
      ),
      this.#build.histogram('request_queue_time_seconds', phase('WAITING'), buckets.REQUEST_LATENCY),
      this.#build.histogram('request_inference_time_seconds', phase('RUNNING'), buckets.REQUEST_LATENCY),
      this.#build.histogram('request_prefill_time_seconds', phase('PREFILL'), buckets.REQUEST_LATENCY),
      this.#build.histogram('request_decode_time_seconds', phase('DECODE'), buckets.REQUEST_LATENCY),
      this.#build.histogram(
        'request_num_preemptions',
        'Histogram of the number of times a request was preempted.',
        buckets.PREEMPTIONS,
      ),
      this.#build.histogram(
        'request_prefill_kv_computed_tokens',
        'Histogram of new KV tokens computed during prefill (excluding cached tokens).',
        buckets.oneTwoFive(this.#options.maxModelLen),
      ),
    ];
  }
}
