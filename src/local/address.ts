import { fnv1a } from './pod-name.ts';

/** Addresses that are tried for one replica before it is given up. */
export const MAX_ADDRESSES = 32;

/**
 * Loopback addresses for a replica, best first: 127.1.0.1 to 127.254.255.254, by its name, so that a replica keeps its address
 * from start to start. Others follow in case another program, or another Breakwater, has one.
 */
export function* addressesFor(replica: string): Generator<string> {
  for (let attempt = 0; attempt < MAX_ADDRESSES; attempt++) {
    const hash = fnv1a(attempt === 0 ? replica : `${replica}#${attempt}`);
    const second = 1 + ((hash >>> 16) % 254);
    const third = (hash >>> 8) & 0xff;
    const fourth = 1 + (hash % 254);
    yield `127.${second}.${third}.${fourth}`;
  }
}
