import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { MAX_LEVELS, TOO_DEEP } from '../api/index.ts';

/** Values that a document comes to, with those that aliases repeat: what looks at them looks at each. */
const MAX_VALUES = 2_000_000;

/** A document that is not turned into values, with the bound that it is beyond. */
class YamlBoundError extends Error {
  override readonly name = 'YamlBoundError';
}

interface Anchored {
  readonly value: unknown;
  /** Values that it is made of. */
  readonly size: number;
}

/**
 * The values of a document, in one pass and linear time: yaml's own `toJS` looks through the whole document at each alias.
 * An alias is the very value of its anchor.
 * @throws YamlBoundError
 */
export function yamlValues({ contents }: Document.Parsed): unknown {
  return new Values().of(contents, 0);
}

class Values {
  readonly #anchors = new Map<string, Anchored>();
  #count = 0;

  of(node: unknown, depth: number): unknown {
    if (depth > MAX_LEVELS) throw new YamlBoundError(TOO_DEEP);
    if (isAlias(node)) return this.#repeated(node.source);
    const before = this.#count;
    this.#add(1);
    const value = this.#made(node, depth);
    const { anchor } = (node ?? {}) as Node & { anchor?: string };
    // YAML 1.2.2 section 7.1: an alias is of the last anchor before it.
    if (anchor !== undefined) this.#anchors.set(anchor, { value, size: this.#count - before });
    return value;
  }

  #made(node: unknown, depth: number): unknown {
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map(item => this.of(item, depth + 1));
    return isMap(node) ? this.#map(node, depth) : null;
  }

  #map(map: YAMLMap, depth: number): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    for (const { key, value } of map.items as Pair[]) {
      if (isMergeKey(key)) {
        merge(made, this.of(value, depth + 1));
        continue;
      }
      put(made, keyText(this.of(key, depth + 1)), this.of(value, depth + 1));
    }
    return made;
  }

  #repeated(name: string): unknown {
    const anchored = this.#anchors.get(name);
    if (anchored === undefined)
      throw new YamlBoundError(`alias ${JSON.stringify(name)} is within its own anchor`);
    this.#add(anchored.size);
    return anchored.value;
  }

  #add(values: number): void {
    this.#count += values;
    if (this.#count > MAX_VALUES)
      throw new YamlBoundError(`larger than ${MAX_VALUES} values, with those that aliases repeat`);
  }
}

/** yaml reads it as a symbol; one in quotes is a key as any other. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && typeof key.value === 'symbol' && key.value.description === '<<';
}

/** https://yaml.org/type/merge.html: what the map says itself counts. */
function merge(into: Record<string, unknown>, from: unknown): void {
  for (const source of Array.isArray(from) ? from : [from]) {
    if (typeof source !== 'object' || source === null || Array.isArray(source))
      throw new YamlBoundError('merge key <<: expected a map, or a list of maps');
    for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(into, key)) put(into, key, value);
  }
}

/** Also of `__proto__`, which is a key as any other. */
function put(into: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true });
  else into[key] = value;
}

function keyText(key: unknown): string {
  if (key === null || key === undefined) return '';
  return typeof key === 'object' ? JSON.stringify(key) : String(key);
}
