import { isJson, type Json } from './conditions.ts';

/** `.status.parents[0].controllerName: field not declared in schema`: structured-merge-diff, of server-side apply. */
const UNKNOWN =
  /\.status((?:\.[A-Za-z0-9]+|\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\])+): field not declared in schema/g;
const INDEX = /\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\]/g;

/**
 * Fields of statuses that an API server's CRDs do not know, being older than what we write: it refuses the whole status because
 * of them, so they are left out.
 */
export class UnknownFields {
  /** By kind: paths within the status, without indexes. */
  readonly #paths = new Map<string, Set<string>>();

  /** How many are known to be unknown. */
  get count(): number {
    return [...this.#paths.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * @param message of the API server that refused a status
   * @returns whether it names fields that were not known to be unknown
   */
  learn(kind: string, message: string): boolean {
    const paths = this.#paths.get(kind) ?? new Set<string>();
    const before = paths.size;
    for (const [, path = ''] of message.matchAll(UNKNOWN)) paths.add(path.replace(INDEX, '').slice(1));
    if (paths.size === before) return false;
    this.#paths.set(kind, paths);
    return true;
  }

  /** A status without what is not known. */
  without(kind: string, status: Json): Json {
    const paths = this.#paths.get(kind);
    if (paths === undefined) return status;
    return [...paths].reduce((left, path) => withoutPath(left, path.split('.')) as Json, status);
  }
}

function withoutPath(value: unknown, [name = '', ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map(each => withoutPath(each, [name, ...rest]));
  if (!isJson(value) || !(name in value)) return value;
  const { [name]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...value, [name]: withoutPath(inner, rest) };
}
