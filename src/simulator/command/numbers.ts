import { CommandLineError } from '../simulator-options.ts';

const SUFFIXES: Readonly<Record<string, number>> = {
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** An integer as vLLM reads lengths: `4096`, `25.6k` (×1000), `8K` (×1024). */
export function humanInteger(flag: string, text: string): number {
  const [, digits, suffix = ''] = /^(-?\d+(?:\.\d+)?)([kmgtKMGT]?)$/.exec(text.trim()) ?? [];
  const value = Number(digits) * (SUFFIXES[suffix] ?? 1);
  if (digits === undefined || (suffix === '' && !Number.isInteger(value)))
    throw new CommandLineError(flag, `invalid int value: '${text}'`);
  return Math.round(value);
}

/** A number of at least `least`. */
export function decimal(flag: string, text: string, least = 0): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new CommandLineError(flag, `invalid float value: '${text}'`);
  if (value < least) throw new CommandLineError(flag, `expected at least ${least}, got ${text}`);
  return value;
}
