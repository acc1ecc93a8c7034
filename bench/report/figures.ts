import type { Spread } from './statistics.ts';

/** `17.1 (16.8-17.9)`: the median, then the lowest and highest round. */
export function spreadText({ median, lowest, highest }: Spread, digits = 1): string {
  const ends = [figure(lowest, digits), figure(highest, digits)];
  const middle = figure(median, digits);
  return ends.every(end => end === middle) ? middle : `${middle} (${ends.join('-')})`;
}

export function figure(value: number, digits = 1): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function ratioText(ratio: number): string {
  return Number.isNaN(ratio) ? '' : `${ratio.toFixed(2)}×`;
}
