import { memoryBytes } from './byte-budget.ts';

/** A part of the memory that the process may use; what is read, put together and sent on is more than what is held. */
const SHARE = 1 / 64;
/** The largest body must fit. */
const LEAST_BYTES = 64 * 1024 * 1024;

/** How much of all request bodies a process holds, where nobody says: a part of its cgroup's memory, or of the machine's. */
export function defaultHeldBodyBytes(): number {
  return Math.max(LEAST_BYTES, Math.floor(memoryBytes() * SHARE));
}
