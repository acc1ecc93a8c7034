import { createHash } from 'node:crypto';
import type { Plan } from '../plan/index.ts';
import { writeStableJson } from './stable-json.ts';

/** A plan with its content's SHA-256 as its version: 64 hexadecimal digits, equal for equal content in any order of keys. */
export function versioned(content: Omit<Plan, 'version'>): Plan {
  const hash = createHash('sha256');
  writeStableJson(content, piece => hash.update(piece));
  return { version: hash.digest('hex'), ...content };
}
