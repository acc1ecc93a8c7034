import type { Timing } from './engine/timing.ts';
import { DEFAULT_TIMING } from './engine/timing.ts';

/** Which server's command line was read. All are simulated with vLLM's HTTP API. */
export type ServerDialect = 'vllm' | 'sglang' | 'tensorrt-llm';

export interface LoraModule {
  readonly name: string;
  readonly path: string;
  readonly baseModelName: string | undefined;
}

/** What a model server's command line says, as far as it changes what a client or a scraper sees. */
export interface SimulatorOptions {
  readonly dialect: ServerDialect;
  /** Path or repository of the weights; also the first served name unless others are given. */
  readonly model: string;
  readonly servedModelNames: readonly string[];
  /** Port of the command line; 8000 (vLLM, TensorRT-LLM) or 30000 (SGLang) if it has none. */
  readonly port: number;
  /** Did the command line name the port? */
  readonly portIsGiven: boolean;
  /** Path of a Jinja file, or the template itself when it contains a brace. */
  readonly chatTemplate: string | undefined;
  readonly responseRole: string;
  readonly apiKeys: readonly string[];
  /** Tokens of prompt and answer together. */
  readonly maxModelLen: number;
  readonly maxNumSeqs: number;
  /** Tokens that one engine step may process, prefill and decode together. */
  readonly maxNumBatchedTokens: number;
  readonly maxNumQueuedRequests: number | undefined;
  readonly maxLogprobs: number;
  readonly blockSizeTokens: number;
  /** KV blocks by `--num-gpu-blocks-override`; otherwise they follow from the memory of the GPUs. */
  readonly numGpuBlocksOverride: number | undefined;
  /** 0..1 of each GPU's memory. */
  readonly gpuMemoryUtilization: number;
  /** Tensor × pipeline parallel size. */
  readonly gpus: number;
  readonly enablePrefixCaching: boolean;
  readonly enablePromptTokensDetails: boolean;
  readonly enableForceIncludeUsage: boolean;
  readonly enableServerLoadTracking: boolean;
  /** Are chat templates of requests rendered? */
  readonly trustRequestChatTemplate: boolean;
  readonly enableLora: boolean;
  readonly loraModules: readonly LoraModule[];
  readonly maxLoras: number;
  readonly maxCpuLoras: number;
  /** Seed of sampling when a request has none; undefined: differs from start to start. */
  readonly seed: number | undefined;
  readonly timing: Timing;
}

/** Defaults of vLLM 0.32's command line for a model with 4096 positions, as Llama 2 has. */
export const DEFAULT_OPTIONS: SimulatorOptions = {
  dialect: 'vllm',
  model: 'Qwen/Qwen3-0.6B',
  servedModelNames: [],
  port: 8000,
  portIsGiven: false,
  chatTemplate: undefined,
  responseRole: 'assistant',
  apiKeys: [],
  maxModelLen: 4096,
  maxNumSeqs: 256,
  maxNumBatchedTokens: 2048,
  maxNumQueuedRequests: undefined,
  maxLogprobs: 20,
  blockSizeTokens: 16,
  numGpuBlocksOverride: undefined,
  gpuMemoryUtilization: 0.92,
  gpus: 1,
  enablePrefixCaching: true,
  enablePromptTokensDetails: false,
  enableForceIncludeUsage: false,
  enableServerLoadTracking: false,
  trustRequestChatTemplate: false,
  enableLora: false,
  loraModules: [],
  maxLoras: 1,
  maxCpuLoras: 1,
  seed: undefined,
  timing: DEFAULT_TIMING,
};

/** A flag of the command line that cannot be read: the real server would not start either. */
export class CommandLineError extends Error {
  readonly code = 'SIM_BAD_COMMAND_LINE';
  readonly flag: string;
  constructor(flag: string, message: string) {
    super(`argument ${flag}: ${message}`);
    this.name = 'CommandLineError';
    this.flag = flag;
  }
}
