/** The least loaded gets 1, one with twice as much (plus one) half of it: a difference of one counts less among many. */
export function fewerIsBetter(loads: Float64Array, removed: Uint8Array, count: number): void {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) if (removed[i] === 0) least = Math.min(least, loads[i] as number);
  for (let i = 0; i < count; i++) loads[i] = Math.min(1, (least + 1) / ((loads[i] as number) + 1));
}
