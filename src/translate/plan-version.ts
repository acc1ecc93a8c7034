import { createHash } from 'node:crypto';
import type { Plan } from '../plan/index.ts';

/** A plan with its content's SHA-256 as its version: 64 hexadecimal digits, equal for equal content in any order of keys. */
export function versioned(content: Omit<Plan, 'version'>): Plan {
  return { version: createHash('sha256').update(stableJson(content)).digest('hex'), ...content };
}

/** JSON with the keys of objects in order. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isPlainObject(part) ? inOrder(part) : part));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inOrder(object: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(object);
  for (let i = 1; i < keys.length; i++) {
    if (keys[i - 1]! > keys[i]!) return Object.fromEntries(keys.sort().map(key => [key, object[key]]));
  }
  return object;
}
