import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Metadata of a call that says who calls (RFC 6750, section 2.1). */
export const AUTHORIZATION = 'authorization';

/** A secret between a control plane and the Envoys that it starts itself. */
export function newBearer(): string {
  return `Bearer ${randomBytes(32).toString('base64url')}`;
}

/** In a time that says nothing of how much is right. */
export function isBearer(given: unknown, wanted: string): boolean {
  return typeof given === 'string' && timingSafeEqual(hash(given), hash(wanted));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
