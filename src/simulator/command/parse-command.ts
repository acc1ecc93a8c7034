import { DEFAULT_OPTIONS, type SimulatorOptions } from '../simulator-options.ts';
import { type Arity, type ParsedFlags, parseFlags } from './flags.ts';
import { parseLoraModules } from './lora-modules.ts';
import { decimal, humanInteger } from './numbers.ts';
import { type CommandContext, type RecognizedCommand, recognize } from './recognize.ts';
import { SIMULATOR_FLAGS, timingOf } from './simulator-flags.ts';
import { OTHER_BOOLEANS } from './vllm-booleans.ts';

/** vLLM's flags that change what the simulator does. */
const ARITY: Readonly<Record<string, Arity>> = {
  model: 'one',
  host: 'one',
  port: 'one',
  'served-model-name': 'many',
  'chat-template': 'one',
  'response-role': 'one',
  'api-key': 'many',
  'max-model-len': 'one',
  'max-num-seqs': 'one',
  'max-num-batched-tokens': 'one',
  'max-num-queued-reqs': 'one',
  'max-logprobs': 'one',
  'block-size': 'one',
  'num-gpu-blocks-override': 'one',
  'gpu-memory-utilization': 'one',
  'tensor-parallel-size': 'one',
  'pipeline-parallel-size': 'one',
  'enable-prefix-caching': 'none',
  'enable-prompt-tokens-details': 'none',
  'enable-force-include-usage': 'none',
  'enable-server-load-tracking': 'none',
  'trust-request-chat-template': 'none',
  'enable-lora': 'none',
  'lora-modules': 'many',
  'max-loras': 'one',
  'max-cpu-loras': 'one',
  seed: 'one',
};

/** `-O3`: vLLM's FlexibleArgumentParser takes the level in the same word. */
const OPTIMIZATION_LEVEL = /^O\d$/;

const SHORT = { tp: 'tensor-parallel-size', pp: 'pipeline-parallel-size', q: 'quantization' } as const;

/** Names that SGLang and TensorRT-LLM have for what vLLM calls otherwise. */
const RENAMED: Readonly<Record<SimulatorOptions['dialect'], Readonly<Record<string, string>>>> = {
  vllm: {},
  sglang: {
    'model-path': 'model',
    'context-length': 'max-model-len',
    'max-running-requests': 'max-num-seqs',
    'max-queued-requests': 'max-num-queued-reqs',
    'chunked-prefill-size': 'max-num-batched-tokens',
    'mem-fraction-static': 'gpu-memory-utilization',
    'lora-paths': 'lora-modules',
    'max-loras-per-batch': 'max-loras',
    'page-size': 'block-size',
    'random-seed': 'seed',
    tp: 'tensor-parallel-size',
    'tp-size': 'tensor-parallel-size',
    'pp-size': 'pipeline-parallel-size',
  },
  'tensorrt-llm': {
    'max-seq-len': 'max-model-len',
    'max-batch-size': 'max-num-seqs',
    'max-num-tokens': 'max-num-batched-tokens',
    'kv-cache-free-gpu-memory-fraction': 'gpu-memory-utilization',
    'tp-size': 'tensor-parallel-size',
    'pp-size': 'pipeline-parallel-size',
  },
};

export interface ParsedCommand {
  readonly options: SimulatorOptions;
  /** Flags that change nothing here, as they were written. */
  readonly unknownFlags: string[];
}

/**
 * Reads a container's command and args as a model server's command line (vLLM, SGLang, TensorRT-LLM), also behind `sh -c`.
 * @returns undefined when it is not a known model server.
 * @throws CommandLineError when a value cannot be read: the real server would not start.
 */
export function parseVllmCommand(
  command: readonly string[],
  args: readonly string[],
  context: CommandContext = {},
): ParsedCommand | undefined {
  const recognized = recognize(command, args, context);
  if (recognized === undefined) return undefined;
  const renamed = RENAMED[recognized.dialect];
  const arityOf = (name: string): Arity | undefined => {
    const known = renamed[name] ?? name;
    if (known.startsWith('no-') || OTHER_BOOLEANS.has(known) || OPTIMIZATION_LEVEL.test(known)) return 'none';
    return SIMULATOR_FLAGS.has(known) ? 'one' : ARITY[known];
  };
  const written = parseFlags([...recognized.words, ...(context.extraWords ?? [])], arityOf, SHORT);
  const flags = withNames(written, renamed);
  const unknownFlags = [...flags.spelling].filter(([name]) => !isKnown(name)).map(([, spelling]) => spelling);
  return { options: optionsOf(recognized, flags), unknownFlags };
}

function isKnown(name: string): boolean {
  return (
    name in ARITY || SIMULATOR_FLAGS.has(name) || (name.startsWith('no-') && ARITY[name.slice(3)] === 'none')
  );
}

function withNames(flags: ParsedFlags, names: Readonly<Record<string, string>>): ParsedFlags {
  const rename = <V>(map: ReadonlyMap<string, V>) =>
    new Map([...map].map(([name, value]) => [names[name] ?? name, value] as const));
  return { values: rename(flags.values), spelling: rename(flags.spelling), positional: flags.positional };
}

function optionsOf(recognized: RecognizedCommand, flags: ParsedFlags): SimulatorOptions {
  const { dialect } = recognized;
  const isSimulator = recognized.isSimulator === true;
  const base = DEFAULT_OPTIONS;
  const text = (name: string) => flags.values.get(name)?.at(-1);
  const list = (name: string) => flags.values.get(name) ?? [];
  const integer = (name: string, otherwise: number) => {
    const value = text(name);
    return value === undefined || value === 'auto' ? otherwise : humanInteger(`--${name}`, value);
  };
  const optional = (name: string) => (text(name) === undefined ? undefined : integer(name, 0));
  const boolean = (name: string, otherwise: boolean) => {
    if (flags.values.has(`no-${name}`)) return false;
    if (!flags.values.has(name)) return otherwise;
    return !['false', 'no', '0'].includes((text(name) ?? 'true').toLowerCase());
  };
  const maxLoras = Math.max(1, integer('max-loras', base.maxLoras));
  const maxModelLen = integer('max-model-len', base.maxModelLen);
  const loraModules = parseLoraModules(list('lora-modules'), dialect === 'sglang', isSimulator);
  return {
    dialect,
    model: text('model') ?? flags.positional[0] ?? base.model,
    servedModelNames: list('served-model-name'),
    port: integer('port', dialect === 'sglang' ? 30000 : base.port),
    portIsGiven: text('port') !== undefined,
    chatTemplate: text('chat-template'),
    responseRole: text('response-role') ?? base.responseRole,
    apiKeys: list('api-key'),
    maxModelLen: maxModelLen < 1 ? base.maxModelLen : maxModelLen,
    maxNumSeqs: Math.max(1, integer('max-num-seqs', base.maxNumSeqs)),
    maxNumBatchedTokens: Math.max(1, integer('max-num-batched-tokens', base.maxNumBatchedTokens)),
    maxNumQueuedRequests: optional('max-num-queued-reqs'),
    maxLogprobs: integer('max-logprobs', base.maxLogprobs),
    blockSizeTokens: Math.max(1, integer('block-size', base.blockSizeTokens)),
    numGpuBlocksOverride: optional('num-gpu-blocks-override'),
    gpuMemoryUtilization:
      text('gpu-memory-utilization') === undefined
        ? base.gpuMemoryUtilization
        : decimal('--gpu-memory-utilization', text('gpu-memory-utilization')!),
    gpus: Math.max(1, integer('tensor-parallel-size', 1) * integer('pipeline-parallel-size', 1)),
    enablePrefixCaching: boolean('enable-prefix-caching', base.enablePrefixCaching),
    enablePromptTokensDetails: boolean('enable-prompt-tokens-details', false),
    enableForceIncludeUsage: boolean('enable-force-include-usage', false),
    enableServerLoadTracking: boolean('enable-server-load-tracking', false),
    trustRequestChatTemplate: boolean('trust-request-chat-template', false),
    // SGLang has no --enable-lora before its newer versions, llm-d-inference-sim none at all: adapters switch it on.
    enableLora: boolean('enable-lora', (dialect === 'sglang' || isSimulator) && loraModules.length > 0),
    loraModules,
    maxLoras,
    maxCpuLoras: Math.max(maxLoras, integer('max-cpu-loras', maxLoras)),
    seed: optional('seed'),
    timing: timingOf(flags, base.timing),
  };
}
