import type { InUse } from '../../plane/index.ts';

/** Annotations of an object have 256 KiB together; in this many characters some 2,000 limits have room that are in use at once. */
const MAX_CHARACTERS = 200_000;

/** @returns the text of a report, and how many limits found no room in it: those with the fewest in use */
export function reportText(
  { limits, endpoints }: InUse,
  maxCharacters = MAX_CHARACTERS,
): { readonly text: string; readonly leftOut: number } {
  const all = textOf([...limits], [...endpoints]);
  if (all.length <= maxCharacters) return { text: all, leftOut: 0 };
  // Picks go without the other figures sooner than a limit goes without what is in use of it.
  let room = maxCharacters - textOf([], []).length;
  const kept = [...limits]
    .sort(([, a], [, b]) => sum(b) - sum(a))
    .filter(([name, counts]) => {
      // With a colon and a comma.
      room -= JSON.stringify(name).length + JSON.stringify(counts).length + 2;
      return room >= 0;
    });
  return { text: textOf(kept, []), leftOut: limits.size - kept.length };
}

/** What a report says; what cannot be read of it is left out. */
export function readReport(text: string): InUse {
  const { limits, endpoints } = parsed(text) as { limits?: unknown; endpoints?: unknown };
  return {
    limits: new Map(
      entriesOf(limits).flatMap(([name, counts]) =>
        Array.isArray(counts) && counts.every(isCount) ? [[name, counts]] : [],
      ),
    ),
    endpoints: new Map(
      entriesOf(endpoints).flatMap(([name, count]) => (isCount(count) ? [[name, count]] : [])),
    ),
  };
}

/** What several have in use together. */
export function sumOf(all: readonly InUse[]): InUse {
  const limits = new Map<string, readonly number[]>();
  const endpoints = new Map<string, number>();
  for (const each of all) {
    for (const [name, counts] of each.limits)
      limits.set(
        name,
        counts.map((count, i) => count + (limits.get(name)?.[i] ?? 0)),
      );
    for (const [name, count] of each.endpoints) endpoints.set(name, count + (endpoints.get(name) ?? 0));
  }
  return { limits, endpoints };
}

function textOf(
  limits: readonly (readonly [string, readonly number[]])[],
  endpoints: readonly (readonly [string, number])[],
): string {
  return JSON.stringify({ limits: Object.fromEntries(limits), endpoints: Object.fromEntries(endpoints) });
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 30;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
