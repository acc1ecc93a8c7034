import { isDeepStrictEqual } from 'node:util';
import { locate } from './json-path.ts';
import { indexIn, pointerOf, tokensOf, valueAt } from './json-pointer.ts';
import { isJson } from './merge.ts';

/** Envoy Gateway, JSONPatchOperation. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path?: string | undefined;
  /** Selects where; `path` begins there then. */
  readonly jsonPath?: string | undefined;
  readonly from?: string | undefined;
  readonly value?: unknown;
}

/**
 * RFC 6902. As in Envoy Gateway (ApplyJSONPatches) `add` makes the objects and lists on its way that are missing.
 * @throws Error that names the operation which cannot be
 */
export function jsonPatched(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  let patched = structuredClone(document);
  for (const [index, operation] of operations.entries()) {
    try {
      checkFields(operation);
      for (const tokens of placesOf(patched, operation)) patched = applied(patched, operation, tokens);
    } catch (error) {
      throw new Error(`jsonPatches[${index}], ${operation.op}: ${(error as Error).message}`);
    }
  }
  return patched;
}

/** Envoy Gateway, JSONPatchOperation.Validate. */
function checkFields({ op, path, jsonPath, from, value }: JsonPatchOperation): void {
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  const needsFrom = op === 'move' || op === 'copy';
  if (path === undefined && jsonPath === undefined) throw new Error('expected path or jsonPath');
  if (needsValue !== (value !== undefined))
    throw new Error(needsValue ? 'expected a value' : 'takes no value');
  if (needsFrom !== (from !== undefined)) throw new Error(needsFrom ? 'expected from' : 'takes no from');
}

function placesOf(document: unknown, { op, path = '', jsonPath }: JsonPatchOperation): string[][] {
  if (jsonPath === undefined) return [tokensOf(path)];
  const found = locate(document, jsonPath);
  if (found.length === 0) throw new Error(`jsonPath "${jsonPath}" selects nothing`);
  const below = path === '' ? [] : tokensOf(path.startsWith('/') ? path : `/${path}`);
  const places = found.map(location => [...location.map(String), ...below]);
  // From the end: what was removed from a list moves the rest of it.
  return op === 'remove' ? places.reverse() : places;
}

function applied(document: unknown, { op, from = '', value }: JsonPatchOperation, at: string[]): unknown {
  switch (op) {
    case 'add':
      return added(document, at, structuredClone(value));
    case 'remove':
      return removed(document, at);
    case 'replace':
      valueAt(document, at);
      return added(removed(document, at), at, structuredClone(value));
    case 'copy':
      return added(document, at, structuredClone(valueAt(document, tokensOf(from))));
    case 'move': {
      const source = tokensOf(from);
      const moved = valueAt(document, source);
      return added(removed(document, source), at, moved);
    }
    case 'test':
      if (!isDeepStrictEqual(valueAt(document, at), value))
        throw new Error(`${pointerOf(at)} has another value`);
      return document;
  }
}

function added(document: unknown, at: readonly string[], value: unknown): unknown {
  const last = at.at(-1);
  if (last === undefined) return value;
  const parent = parentMade(document, at);
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : indexIn(last, parent.length);
    if (index === undefined)
      throw new Error(`${pointerOf(at)} is beyond the list, which has ${parent.length}`);
    parent.splice(index, 0, value);
  } else if (isJson(parent)) setField(parent, last, value);
  else throw new Error(`${pointerOf(at.slice(0, -1))} is neither an object nor a list`);
  return document;
}

/** What is missing on the way is a list where its first item is named. */
function parentMade(document: unknown, at: readonly string[]): unknown {
  let parent = document;
  for (const [depth, token] of at.slice(0, -1).entries()) {
    const missing = /^[0-]$/.test(at[depth + 1] ?? '') ? [] : {};
    if (isJson(parent) && !Object.hasOwn(parent, token)) setField(parent, token, missing);
    if (Array.isArray(parent) && token === String(parent.length)) parent.push(missing);
    parent = valueAt(parent, [token]);
  }
  return parent;
}

function removed(document: unknown, at: readonly string[]): unknown {
  const last = at.at(-1);
  if (last === undefined) return undefined;
  valueAt(document, at);
  const parent = valueAt(document, at.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
  return document;
}

/** Also one named `__proto__`. */
function setField(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
