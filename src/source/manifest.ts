import {
  type Document,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml';
import { type FieldError, type Origin, parseObject, type ResourceEntry } from '../api/index.ts';
import type { SourceProblem } from './source.ts';
import { yamlProblems } from './yaml-problems.ts';
import { withYaml11 } from './yaml-tags.ts';

/** What one manifest file holds. */
export interface Manifest {
  readonly entries: readonly ResourceEntry[];
  readonly problems: readonly SourceProblem[];
}

type Path = FieldError['path'];

/** A file of more text than this is not a manifest. */
const MAX_CHARACTERS = 64 * 1024 * 1024;

/** Reads YAML (several documents) or JSON, which is YAML too. What is broken is a problem; the rest is read all the same. */
export function parseManifest(file: string, text: string): Manifest {
  if (text.length > MAX_CHARACTERS)
    return { entries: [], problems: [problemAt(file, 1, 1, `larger than ${MAX_CHARACTERS} characters`)] };
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    uniqueKeys: false,
    customTags: withYaml11,
  });
  const entries: ResourceEntry[] = [];
  const problems: SourceProblem[] = [];
  if (!Array.isArray(documents)) return { entries, problems };
  for (const document of documents as Document.Parsed[]) {
    const add = (severity: SourceProblem['severity'], offset: number, message: string) => {
      const { line, col } = lines.linePos(offset);
      problems.push({ severity, file, line, column: col, message });
    };
    const found = yamlProblems(document);
    for (const { severity, offset, message } of found) add(severity, offset, message);
    if (found.some(({ severity }) => severity === 'error') || document.contents === null) continue;
    let raw: unknown;
    try {
      raw = document.toJS();
    } catch (error) {
      add('error', document.range[0], (error as Error).message);
      continue;
    }
    if (raw === null || raw === undefined) continue;
    const values = expandLists(raw);
    if (values === undefined)
      add('error', offsetOf(document, ['items']), 'items: expected a list of objects');
    for (const { value, path } of values ?? []) {
      const origin = originIn(file, document, lines, path);
      readObject(value, origin, entries, problems);
    }
  }
  return { entries, problems };
}

/** `kind: List` and the lists of the kinds hold objects; what an item does not say of its kind its list says. Undefined: not a list of items. */
function expandLists(raw: unknown): { value: unknown; path: Path }[] | undefined {
  const { kind, apiVersion, items } = raw as { kind?: unknown; apiVersion?: unknown; items?: unknown };
  if (typeof kind !== 'string' || !kind.endsWith('List')) return [{ value: raw, path: [] }];
  const itemKind = kind.slice(0, -'List'.length);
  if (items !== undefined && !Array.isArray(items)) return undefined;
  return (items ?? []).map((item: unknown, index) => {
    const own = itemKind !== '' && typeof item === 'object' && item !== null && !Array.isArray(item);
    return { value: own ? { apiVersion, kind: itemKind, ...item } : item, path: ['items', index] };
  });
}

function readObject(
  value: unknown,
  origin: Origin,
  entries: ResourceEntry[],
  problems: SourceProblem[],
): void {
  const { object, errors, warnings } = parseObject(value);
  if (object !== undefined) entries.push({ object, origin });
  const title = titleOf(value);
  const add = (severity: SourceProblem['severity']) => (error: FieldError) => {
    const message = title === undefined ? error.message : `${title}: ${error.message}`;
    const problem = { severity, file: origin.file, ...origin.positionOf(error.path), message };
    problems.push(title === undefined ? problem : { ...problem, object: title });
  };
  errors.forEach(add('error'));
  warnings.forEach(add('warning'));
}

/** `HTTPRoute default/test-httproute`, as far as that can be said of what may be broken. */
function titleOf(value: unknown): string | undefined {
  const { kind, metadata } = (value ?? {}) as {
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown };
  };
  if (typeof kind !== 'string') return undefined;
  if (typeof metadata?.name !== 'string') return kind;
  const namespace = typeof metadata.namespace === 'string' ? metadata.namespace : 'default';
  return `${kind} ${['GatewayClass', 'Namespace'].includes(kind) ? '' : `${namespace}/`}${metadata.name}`;
}

function originIn(file: string, document: Document.Parsed, lines: LineCounter, base: Path): Origin {
  const positionOf = (path: Path) => {
    const { line, col } = lines.linePos(offsetOf(document, [...base, ...path]));
    return { line, column: col };
  };
  return { file, ...positionOf([]), positionOf };
}

/** Offset of the field at a path, or of the nearest above it: of a scalar its value, of what holds others its key. */
function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = startOf(node) ?? offset;
    } else if (isMap(node)) {
      const pair = node.items.find(
        item => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
      );
      if (pair === undefined) break;
      node = pair.value;
      offset = (isCollection(node) ? undefined : startOf(node)) ?? startOf(pair.key) ?? offset;
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function problemAt(file: string, line: number, column: number, message: string): SourceProblem {
  return { severity: 'error', file, line, column, message };
}
