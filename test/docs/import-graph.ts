import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** Files of code in `src/`, by path: not tests, nor what is generated. */
export function codeFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter(
      file => file.endsWith('.ts') && !/(?:\.test|-for-test)\.ts$/.test(file) && !file.includes('/gen/'),
    )
    .sort();
}

const FROM = /^(?:import|export)\b[^;]*?\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)|^import '(\.[^']+)'/gms;

/** What each file of code imports of `src/`, types too. */
export function importGraph(): ReadonlyMap<string, readonly string[]> {
  return new Map(
    codeFiles().map(file => {
      const imported = [...readFileSync(join(SRC, file), 'utf8').matchAll(FROM)].map(([, ...specifiers]) =>
        posix.join(posix.dirname(file), specifiers.find(specifier => specifier !== undefined) as string),
      );
      return [file, [...new Set(imported)].filter(other => existsSync(join(SRC, other)))];
    }),
  );
}

/** Groups of files that import each other, by whatever way round (Tarjan's strongly connected components). */
export function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): number => {
    const number = numbers.size;
    numbers.set(file, number);
    stack.push(file);
    let low = number;
    for (const other of graph.get(file) ?? []) {
      if (!numbers.has(other)) low = Math.min(low, visit(other));
      else if (stack.includes(other))
        low = Math.min(low, lowest.get(other) ?? (numbers.get(other) as number));
    }
    lowest.set(file, low);
    if (low === number) {
      const group = stack.splice(stack.indexOf(file)).sort();
      if (group.length > 1 || graph.get(file)?.includes(file)) found.push(group);
    }
    return low;
  };
  for (const file of graph.keys()) if (!numbers.has(file)) visit(file);
  return found;
}
