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
import { type FieldError, type KubeObject, parseObject, type UnknownFields } from '../api/index.ts';
import type { SourceProblem } from './source.ts';
import { tooDeepAt } from './yaml-depth.ts';
import { yamlProblems } from './yaml-problems.ts';
import { withYaml11 } from './yaml-tags.ts';
import { yamlValues } from './yaml-values.ts';

export type Path = FieldError['path'];
export type Place = { readonly line: number; readonly column: number };

/** A part of a file, a document as a rule. Places count from its first line; the tree that they come from is not kept. */
export interface Part {
  readonly found: readonly {
    /** Absent: it has errors, and is nothing but a name. */
    readonly object?: KubeObject;
    /** Present: it has errors. */
    readonly brokenKey?: string;
    readonly isIdentified: boolean;
    readonly document: number;
    readonly path: Path;
    readonly place: Place;
  }[];
  readonly problems: readonly Omit<SourceProblem, 'file'>[];
}

/** Parts of more characters than this are read by a thread of their own, and of their objects' fields no place is told. */
export const LARGE_CHARACTERS = 128 * 1024;
/** One document of more is not read: it would take a thread half a minute and gigabytes. An API server takes no object of 3 MB. */
const MAX_DOCUMENT_CHARACTERS = 8 * 1024 * 1024;
/** Errors, and warnings, that are told of one object; the others are counted. */
const MAX_PROBLEMS = 100;

function parseDocuments(text: string) {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    uniqueKeys: false,
    customTags: withYaml11,
  });
  return { lines, documents: Array.isArray(documents) ? (documents as Document.Parsed[]) : [] };
}

/** What throws costs its part alone: a tree that is too deep ends the parser's stack. */
export function readPart(text: string, unknownFields: UnknownFields): Part {
  if (text.length > MAX_DOCUMENT_CHARACTERS) return unreadPart(tooLarge(text));
  try {
    return parsePart(text, unknownFields);
  } catch (error) {
    const { message } = error as Error;
    const why = error instanceof RangeError ? 'nested too deep, or too large, to be read' : message;
    return unreadPart(why);
  }
}

/** One that could not be read. */
export function unreadPart(why: string): Part {
  return { found: [], problems: [problemAt(1, 1, why)] };
}

function tooLarge(text: string): string {
  const advice = 'write each of its objects as a document of its own, after a line with ---';
  return `one document of ${text.length} characters is larger than ${MAX_DOCUMENT_CHARACTERS}, the most that is read: ${advice}`;
}

function parsePart(text: string, unknownFields: UnknownFields): Part {
  const deep = tooDeepAt(text);
  if (deep !== undefined) return { found: [], problems: [{ severity: 'error', ...deep }] };
  const { lines, documents } = parseDocuments(text);
  const found: Part['found'][number][] = [];
  const problems: Part['problems'][number][] = [];
  documents.forEach((document, index) => {
    const add = (severity: SourceProblem['severity'], offset: number, message: string) => {
      const { line, col } = lines.linePos(offset);
      problems.push({ severity, line, column: col, message });
    };
    const broken = yamlProblems(document);
    for (const { severity, offset, message } of broken) add(severity, offset, message);
    if (broken.some(({ severity }) => severity === 'error') || document.contents === null) return;
    let raw: unknown;
    try {
      raw = yamlValues(document);
    } catch (error) {
      add('error', document.range[0], (error as Error).message);
      return;
    }
    if (raw === null || raw === undefined) return;
    const values = expandLists(raw);
    if (values === undefined)
      add('error', offsetOf(document, ['items']), 'items: expected a list of objects');
    for (const { value, path } of values ?? []) {
      const positionOf = (more: Path) => placeIn(document, lines, [...path, ...more]);
      const read = readObject(value, positionOf, problems, unknownFields);
      found.push({ ...read, document: index, path, place: positionOf([]) });
    }
  });
  return { found, problems };
}

function placeIn(document: Document.Parsed, lines: LineCounter, path: Path): Place {
  const { line, col } = lines.linePos(offsetOf(document, path));
  return { line, column: col };
}

let lastPlaced: (ReturnType<typeof parseDocuments> & { readonly text: string }) | undefined;

/** Few places are asked for, so the text is parsed again then: the trees of 10,000 documents are hundreds of megabytes. */
export function placeOf(text: string, document: number, path: Path): Place {
  if (lastPlaced?.text !== text) lastPlaced = { text, ...parseDocuments(text) };
  return placeIn(lastPlaced.documents[document] as Document.Parsed, lastPlaced.lines, path);
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
  positionOf: (path: Path) => Place,
  problems: Part['problems'][number][],
  unknownFields: UnknownFields,
): Pick<Part['found'][number], 'object' | 'brokenKey' | 'isIdentified'> {
  const { object, errors, warnings, unreadable } = parseObject(value, unknownFields);
  const title = titleOf(value);
  const add = (severity: SourceProblem['severity']) => (error: FieldError) => {
    const message = title === undefined ? error.message : `${title}: ${error.message}`;
    const problem = { severity, ...positionOf(error.path), message };
    problems.push(title === undefined ? problem : { ...problem, object: title });
  };
  for (const [severity, found] of [
    ['error', errors],
    ['warning', warnings],
  ] as const) {
    found.slice(0, MAX_PROBLEMS).forEach(add(severity));
    const more = found.length - MAX_PROBLEMS;
    if (more > 0) add(severity)({ path: [], message: `${more} more`, type: 'invalid' });
  }
  if (object !== undefined) return { object, isIdentified: true };
  const brokenKey = errors.length === 0 ? undefined : (keyOf(value) ?? NAMELESS);
  return {
    isIdentified: !errors.some(isAboutIdentity),
    ...(unreadable === undefined ? {} : { object: unreadable }),
    ...(brokenKey === undefined ? {} : { brokenKey }),
  };
}

function isAboutIdentity({ path: [first, second], type }: FieldError): boolean {
  if (type === 'unknown-kind' || first === undefined || first === 'apiVersion' || first === 'kind')
    return true;
  return first === 'metadata' && (second === undefined || second === 'name' || second === 'namespace');
}

/** {@link BrokenObject.key} of one that does not even say its name. */
const NAMELESS = '';

/** Of what may be broken; undefined where it has no name. */
export function keyOf(value: unknown): string | undefined {
  const { apiVersion, kind, metadata } = (value ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown } | null;
  };
  if (typeof metadata?.name !== 'string') return undefined;
  const { name, namespace } = metadata;
  return [
    String(apiVersion).split('/')[0],
    kind,
    isClusterWide(kind) ? '' : (namespace ?? 'default'),
    name,
  ].join('\0');
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
  return `${kind} ${isClusterWide(kind) ? '' : `${namespace}/`}${metadata.name}`;
}

function isClusterWide(kind: unknown): boolean {
  return kind === 'GatewayClass' || kind === 'Namespace' || kind === 'Node';
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

export function problemAt(line: number, column: number, message: string): Omit<SourceProblem, 'file'> {
  return { severity: 'error', line, column, message };
}
