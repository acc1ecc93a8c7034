import { randomUUID } from 'node:crypto';

/** A source of numbers 0 ≤ x < 1. */
export type Random = () => number;

/** The same numbers for the same seed (mulberry32): for picks that can be repeated. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Where a thread has its chance from: the machine, or numbers that can be repeated. */
let source: Random = Math.random;
let uuid: () => string = randomUUID;

/**
 * From here on this thread has its chance from there, that of its names too.
 * @returns what gives it the chance of the machine again
 */
export function useRandom(other: Random): () => void {
  source = other;
  uuid = () => uuidOf(other);
  return () => {
    source = Math.random;
    uuid = randomUUID;
  };
}

/** A number 0 ≤ x < 1 from this thread's chance. */
export function random(): number {
  return source();
}

/** A name that nothing else has: a UUID from this thread's chance. It is no secret. */
export function newId(): string {
  return uuid();
}

/** RFC 9562 section 5.4: 122 bits of chance, version 4, the variant 10. */
function uuidOf(from: Random): string {
  const digit = (of = 16, first = 0) => (first + Math.floor(from() * of)).toString(16);
  const digits = (count: number) => Array.from({ length: count }, () => digit()).join('');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${digit(4, 8)}${digits(3)}-${digits(12)}`;
}
