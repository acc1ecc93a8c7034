/** A figure over the rounds. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: percentile(sorted, 0.5),
    lowest: sorted[0] ?? Number.NaN,
    highest: sorted.at(-1) ?? Number.NaN,
  };
}

/** @param sorted ascending @param rank 0..1 */
export function percentile(sorted: ArrayLike<number>, rank: number): number {
  const position = rank * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** The median of value / base round by round: what slows the machine for a while slows both. */
export function pairedRatio(values: readonly number[], bases: readonly number[]): number {
  return spread(values.flatMap((value, round) => (bases[round] === undefined ? [] : [value / bases[round]])))
    .median;
}

/** Of the line that fits best by least squares. @param points of x and y */
export function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = { x: mean(points.map(([x]) => x)), y: mean(points.map(([, y]) => y)) };
  let [above, below] = [0, 0];
  for (const [x, y] of points) {
    above += (x - middle.x) * (y - middle.y);
    below += (x - middle.x) ** 2;
  }
  return above / below;
}
