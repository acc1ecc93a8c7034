import type { SimulatorOptions } from '../simulator-options.ts';
import { type Family, type Labels, labelText } from './family.ts';

const NAME = 'vllm:cache_config_info';

/** vLLM's CacheConfig as labels: what a picker learns block size and number of blocks from. */
export class CacheConfigInfo implements Family {
  readonly #line: string;

  constructor(options: SimulatorOptions, blocks: number) {
    this.#line = `${NAME}${labelText(cacheConfigLabels(options, blocks))} 1.0`;
  }

  write(lines: string[]): void {
    lines.push(`# HELP ${NAME} Information of the LLMEngine CacheConfig`, `# TYPE ${NAME} gauge`, this.#line);
  }
}

function cacheConfigLabels(options: SimulatorOptions, blocks: number): Labels {
  const { blockSizeTokens, numGpuBlocksOverride, maxModelLen, timing } = options;
  const tokens = blocks * blockSizeTokens;
  const values: Readonly<Record<string, unknown>> = {
    _block_size_resolved: true,
    block_size: blockSizeTokens,
    cache_dtype: 'auto',
    cache_hit_alignment_tokens: null,
    effective_attention_block_size: blockSizeTokens,
    enable_mamba_shared_prefix_checkpoint: false,
    enable_prefix_caching: options.enablePrefixCaching,
    engine: 0,
    gpu_memory_utilization: options.gpuMemoryUtilization,
    hash_block_size: null,
    is_attention_free: false,
    kv_cache_dtype_skip_layers: '[]',
    kv_cache_layout: null,
    kv_cache_max_concurrency: String(tokens / maxModelLen).replace(/^\d+$/, '$&.0'),
    kv_cache_memory_bytes: Math.round(tokens * timing.kvBytesPerToken),
    kv_cache_size_tokens: tokens,
    kv_offloading_backend: 'native',
    kv_offloading_size: null,
    kv_sharing_fast_prefill: false,
    mamba_block_size: null,
    mamba_cache_dtype: 'auto',
    mamba_cache_mode: 'none',
    mamba_page_size_padded: null,
    mamba_ssm_cache_dtype: 'float32',
    num_cpu_blocks: null,
    num_gpu_blocks: blocks,
    num_gpu_blocks_override: numGpuBlocksOverride ?? null,
    prefix_cache_retention_interval: 0,
    prefix_caching_hash_algo: 'sha256',
    prefix_match_unit: null,
    replayssm_buffer_len: 16,
    skip_page_size_padded: null,
    sliding_window: null,
    swa_bounded_replay: true,
    use_kda_recoverssm: false,
    use_replayssm: false,
    user_specified_block_size: false,
  };
  return Object.entries(values).map(([name, value]) => [name, python(value)] as const);
}

function python(value: unknown): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  return value === false ? 'False' : String(value);
}
