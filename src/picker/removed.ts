/** What filters write of each candidate: 0, or the reason why it must go. */

export function isAnyKept(removed: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (removed[i] === 0) return true;
  return false;
}

/** Gives back the candidates that went for one of these reasons. */
export function takeBack(removed: Uint8Array, count: number, firstReason: number, lastReason: number): void {
  for (let i = 0; i < count; i++) {
    const why = removed[i] as number;
    if (why >= firstReason && why <= lastReason) removed[i] = 0;
  }
}
