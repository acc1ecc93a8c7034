/** Objects of Kubernetes are about 30 levels deep at the most; what is deeper ends the stack of whatever looks at it. */
export const MAX_LEVELS = 200;

/** In the words of every refusal of it. */
export const TOO_DEEP = `nested too deep: expected at most ${MAX_LEVELS} levels`;

/** Goes no deeper than that itself. */
export function isTooDeep(value: unknown, levels: number = MAX_LEVELS): boolean {
  if (levels < 0) return true;
  if (typeof value !== 'object' || value === null) return false;
  for (const key in value) if (isTooDeep((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
}
