import type { Chance } from './chance.ts';

/** Values that people, generators and attackers write where something else was meant. */
const VALUES: readonly unknown[] = [
  '',
  ' ',
  '0',
  '-1',
  '0s',
  '600h',
  '99999h',
  '1e9s',
  '5Gi',
  '0',
  'a\nb',
  'a\u0000b',
  'a\u001b[31mb',
  'ü',
  '%REQ(host)%',
  '/a b',
  '(',
  '(a+)+$',
  '(?=a)',
  '*',
  'x'.repeat(5000),
  '127.0.0.1',
  '::1',
  '999.1.1.1',
  0,
  -1,
  1,
  99,
  600,
  65536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1.5,
  Number.NaN,
  true,
  false,
  null,
  [],
  {},
  [[]],
  [null],
  { a: { b: {} } },
];

interface Spot {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

/** A copy with one to three of its values changed, taken out, doubled or renamed. `apiVersion`, `kind` and `metadata.name` stay. */
export function mutateObject(object: unknown, chance: Chance): unknown {
  const copy = structuredClone(object);
  for (let edits = 1 + chance.below(3); edits > 0; edits--) {
    const found = spots(copy);
    if (found.length === 0) return copy;
    const { holder, key } = chance.one(found);
    const at = holder as Record<string | number, unknown>;
    switch (chance.below(8)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete at[key];
        break;
      case 1:
        if (Array.isArray(holder)) holder.push(structuredClone(at[key]));
        else at[`${key}x`] = structuredClone(at[key]);
        break;
      case 2:
        at[key] = structuredClone(chance.one(found).holder);
        break;
      default:
        at[key] = structuredClone(chance.one(VALUES));
    }
  }
  return copy;
}

const KEPT = new Set(['apiVersion', 'kind', 'metadata']);

function spots(root: unknown): Spot[] {
  const found: Spot[] = [];
  const walk = (value: unknown, top: boolean) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (top && KEPT.has(name)) continue;
      found.push({ holder: value as Spot['holder'], key: Array.isArray(value) ? Number(name) : name });
      walk(inner, false);
    }
  };
  walk(root, true);
  return found;
}
