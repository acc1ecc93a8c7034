import { createHash } from 'node:crypto';
import type { Plan } from '../plan/index.ts';
import { stableJson } from './stable-json.ts';

/** A plan with its content's SHA-256 as its version: 64 hexadecimal digits, equal for equal content in any order of keys. */
export function versioned(content: Omit<Plan, 'version'>): Plan {
  return { version: createHash('sha256').update(stableJson(content)).digest('hex'), ...content };
}
