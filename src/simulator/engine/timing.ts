/**
 * What a step of the engine costs. Times are in ms of the injected clock. The defaults are those of a 7B model on an
 * A10-like GPU with slow decoding: 100 tokens take 2.5 s, so that a person with two terminals can hit a running request.
 */
export interface Timing {
  /** A decode step of one sequence. */
  readonly decodeMs: number;
  /** Added to a decode step by each further sequence in the batch. */
  readonly decodeMsPerSequence: number;
  /** Added to a step by each prompt token that is computed in it. */
  readonly prefillMsPerToken: number;
  /** Reading an adapter from disk into memory. */
  readonly loraLoadMs: number;
  /** Copying an adapter from memory to the GPU. */
  readonly loraSwapMs: number;
  /** 0..1: each step is this much longer or shorter at random. */
  readonly jitter: number;
  /** Divides all the above: 10 is ten times as fast. */
  readonly speed: number;
  /** Memory of one GPU; KV blocks get what utilization leaves after the weights. */
  readonly gpuMemoryBytes: number;
  readonly weightsBytes: number;
  /** Key and value of one token over all layers. */
  readonly kvBytesPerToken: number;
}

const GIB = 2 ** 30;

export const DEFAULT_TIMING: Timing = {
  decodeMs: 25,
  decodeMsPerSequence: 0.1,
  prefillMsPerToken: 0.1,
  loraLoadMs: 150,
  loraSwapMs: 10,
  jitter: 0,
  speed: 1,
  gpuMemoryBytes: 24 * GIB,
  weightsBytes: 13 * GIB,
  // Llama 2 7B: 2 (key, value) × 32 layers × 4096 × 2 bytes.
  kvBytesPerToken: 2 * 32 * 4096 * 2,
};

export interface StepWork {
  /** Prompt tokens computed in the step. */
  readonly prefillTokens: number;
  readonly sequences: number;
  /** Adapters that came from disk, and adapters that came from memory. */
  readonly lorasLoaded: number;
  readonly lorasSwapped: number;
}

/** How long a step takes, in ms. `random` gives 0..1 and is asked only when there is jitter. */
export function stepDurationMs(timing: Timing, work: StepWork, random: () => number): number {
  const duration =
    timing.decodeMs +
    timing.decodeMsPerSequence * Math.max(0, work.sequences - 1) +
    timing.prefillMsPerToken * work.prefillTokens +
    timing.loraLoadMs * work.lorasLoaded +
    timing.loraSwapMs * (work.lorasLoaded + work.lorasSwapped);
  const factor = timing.jitter === 0 ? 1 : 1 + timing.jitter * (2 * random() - 1);
  return (duration * factor) / timing.speed;
}

export interface KvMemory {
  readonly blockSizeTokens: number;
  readonly maxModelLen: number;
  readonly gpuMemoryUtilization: number;
  readonly gpus: number;
}

/** KV blocks that fit beside the weights; at least enough for one sequence of the full length, below which vLLM does not start. */
export function kvBlocks(timing: Timing, memory: KvMemory): number {
  const available =
    memory.gpus * timing.gpuMemoryBytes * memory.gpuMemoryUtilization - timing.weightsBytes - GIB / 2;
  const blocks = Math.floor(available / (timing.kvBytesPerToken * memory.blockSizeTokens));
  return Math.max(blocks, Math.ceil(memory.maxModelLen / memory.blockSizeTokens));
}
