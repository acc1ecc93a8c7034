import type { Timing } from '../engine/timing.ts';
import type { ParsedFlags } from './flags.ts';
import { decimal } from './numbers.ts';

const GIB = 2 ** 30;

/** Flags that only the simulator has: flag, field, and what one unit of the flag is in units of the field. */
const TIMING_FLAGS: readonly (readonly [string, keyof Timing, number])[] = [
  ['sim-decode-ms', 'decodeMs', 1],
  ['sim-decode-ms-per-sequence', 'decodeMsPerSequence', 1],
  ['sim-prefill-ms-per-token', 'prefillMsPerToken', 1],
  ['sim-lora-load-ms', 'loraLoadMs', 1],
  ['sim-lora-swap-ms', 'loraSwapMs', 1],
  ['sim-jitter', 'jitter', 1],
  ['sim-speed', 'speed', 1],
  ['sim-gpu-memory-gib', 'gpuMemoryBytes', GIB],
  ['sim-weights-gib', 'weightsBytes', GIB],
  ['sim-kv-bytes-per-token', 'kvBytesPerToken', 1],
];

export const SIMULATOR_FLAGS: ReadonlySet<string> = new Set(TIMING_FLAGS.map(([flag]) => flag));

export function timingOf(flags: ParsedFlags, defaults: Timing): Timing {
  const timing: { -readonly [K in keyof Timing]: Timing[K] } = { ...defaults };
  for (const [flag, field, unit] of TIMING_FLAGS) {
    const text = flags.values.get(flag)?.at(-1);
    if (text === undefined) continue;
    const least = field === 'speed' ? 0.001 : field === 'kvBytesPerToken' ? 1 : 0;
    timing[field] = decimal(`--${flag}`, text, least) * unit;
  }
  return timing;
}
