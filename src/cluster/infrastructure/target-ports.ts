/** Ports of a controller's Pod that lead to listeners: below those that outgoing connections take (32768 on Linux). */
const FIRST = 20_000;
const LAST = 32_767;

/** A listener's port, and the one of the Pod that it has now. */
export interface AskedPort {
  /** Unique; the same as long as the Gateway and its port are. */
  readonly key: string;
  readonly current?: number | undefined;
}

/**
 * Gives each a port of its own. Those that have one keep it; of two with the same, the first. Undefined where none is left.
 */
export function assignTargetPorts(asked: readonly AskedPort[]): ReadonlyMap<string, number | undefined> {
  const assigned = new Map<string, number | undefined>();
  const taken = new Set<number>();
  for (const { key, current } of asked) {
    if (current === undefined || current < FIRST || current > LAST || taken.has(current)) continue;
    assigned.set(key, current);
    taken.add(current);
  }
  let next = FIRST;
  for (const { key } of asked) {
    if (assigned.has(key)) continue;
    while (taken.has(next)) next++;
    if (next <= LAST) taken.add(next);
    assigned.set(key, next <= LAST ? next : undefined);
  }
  return assigned;
}
