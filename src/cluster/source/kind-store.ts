import { isOwnGroup, type KubeObject, parseObject } from '../../api/index.ts';
import { toError } from '../../kernel/index.ts';
import type { SourceProblem } from '../../source/index.ts';
import { isSameNode, nodePart } from './node-part.ts';
import type { RawObject } from './raw-object.ts';
import type { RefusedObject } from './refused-object.ts';

interface Held {
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** The last form that could be read; absent when there was none. */
  readonly object?: KubeObject;
  readonly problems: readonly SourceProblem[];
  /** This version of it cannot be read. */
  readonly refused?: RefusedObject;
  /** Of a GatewayClass: who has written its status. */
  readonly statusManagers?: readonly string[];
}

export interface StoredKind {
  readonly group: string;
  readonly kind: string;
  /** In the API server's paths. */
  readonly plural: string;
}

/**
 * The objects of one kind. An object that cannot be read keeps its last good form, as a file with a broken edit does, and has a
 * problem until it is mended or deleted.
 */
export class KindStore {
  readonly #kind: StoredKind;
  #held = new Map<string, Held>();
  /** Of a list whose pages are still coming. */
  #fresh: Map<string, Held> | undefined;

  constructor(kind: StoredKind) {
    this.#kind = kind;
  }

  *objects(): Generator<KubeObject> {
    for (const { object } of this.#held.values()) if (object !== undefined) yield object;
  }

  *problems(): Generator<SourceProblem> {
    for (const { problems } of this.#held.values()) yield* problems;
  }

  /** Who has written the status of a GatewayClass (ObjectMeta.managedFields). */
  statusManagers(name: string): readonly string[] {
    return this.#held.get(`\0${name}`)?.statusManagers ?? [];
  }

  *refused(): Generator<RefusedObject> {
    for (const { refused } of this.#held.values()) if (refused !== undefined) yield refused;
  }

  /** Takes the first page of a list. */
  beginList(): void {
    this.#fresh = new Map();
  }

  /** Takes a page; objects do not say their kind there. */
  page(items: readonly RawObject[], version: string): void {
    this.#fresh ??= new Map();
    for (const item of items) {
      const key = keyOf(item);
      this.#fresh.set(key, this.#read(item, version, this.#held.get(key)));
    }
  }

  /** What was listed takes the place of what was there. Whether that is something else. */
  endList(): boolean {
    const before = this.#held;
    this.#held = this.#fresh ?? new Map();
    this.#fresh = undefined;
    if (before.size !== this.#held.size) return true;
    for (const [key, held] of this.#held) if (before.get(key) !== held) return true;
    return false;
  }

  /** Of the watch: ADDED or MODIFIED. Whether it changes anything. */
  put(item: RawObject, version: string): boolean {
    const key = keyOf(item);
    const before = this.#held.get(key);
    const held = this.#read(item, version, before);
    this.#held.set(key, held);
    return held !== before;
  }

  /** Of the watch: DELETED. Whether it was there. */
  delete(item: RawObject): boolean {
    return this.#held.delete(keyOf(item));
  }

  /** The kind is not served any more. Whether there was any. */
  clear(): boolean {
    const had = this.#held.size > 0;
    this.#held = new Map();
    this.#fresh = undefined;
    return had;
  }

  /** The same {@link Held} for the same version of the same object. */
  #read(given: RawObject, version: string, before: Held | undefined): Held {
    const { group, kind } = this.#kind;
    const item = kind === 'Node' ? nodePart(given) : given;
    const { uid, resourceVersion, managedFields, ...metadata } = item.metadata;
    if (before !== undefined && before.resourceVersion === resourceVersion && before.uid === uid)
      return before;
    if (
      kind === 'Node' &&
      before?.uid === uid &&
      before?.object !== undefined &&
      isSameNode(before.object, item)
    )
      return before;
    // managedFields are of no use here, and larger than many an object.
    const raw = {
      ...item,
      apiVersion: group === '' ? version : `${group}/${version}`,
      kind,
      metadata: {
        ...metadata,
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    };
    const { object, errors, warnings, unreadable } = parsed(raw);
    const title = `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
    const problem = (severity: SourceProblem['severity'], message: string): SourceProblem => ({
      severity,
      file: this.#pathOf(version, metadata.namespace, metadata.name),
      line: 1,
      column: 1,
      object: title,
      message: `${title}: ${message}`,
    });
    const last = before?.object !== undefined && !('unreadable' in before.object) ? before.object : undefined;
    // Kubernetes adds fields to its own kinds with each release; of those, what is not known here is nobody's mistake.
    const isOwnKind = !group.includes('.') || group.endsWith('discovery.k8s.io');
    const problems = [
      ...errors.map(error =>
        problem(
          'error',
          `${error.message}${last === undefined ? '' : '; the last form that could be read counts'}`,
        ),
      ),
      ...(isOwnKind ? [] : warnings).map(warning => problem('warning', warning.message)),
    ];
    const lastCounts = last && (isOwnGroup(raw.apiVersion) ? asWritten(last, raw) : last);
    const counts = object ?? lastCounts ?? unreadable;
    const told = errors.length > 0 ? errors : isOwnKind ? [] : warnings;
    const refused: RefusedObject | undefined =
      told.length === 0
        ? undefined
        : {
            raw: raw as KubeObject,
            message: told.map(({ message }) => message).join('; '),
            counts: object ? 'known-fields' : last ? 'last-form' : unreadable ? 'closed-targets' : 'nothing',
          };
    return {
      uid,
      resourceVersion,
      problems,
      ...(counts === undefined ? {} : { object: counts }),
      ...(refused === undefined ? {} : { refused }),
      ...(kind === 'GatewayClass' ? { statusManagers: statusManagersIn(managedFields) } : {}),
    };
  }

  #pathOf(version: string, namespace: string | undefined, name: string): string {
    const { group, plural } = this.#kind;
    const api = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    return `${api}/${namespace === undefined ? '' : `namespaces/${namespace}/`}${plural}/${name}`;
  }
}

/** What one object makes the schema do costs that object alone. */
function parsed(raw: object): ReturnType<typeof parseObject> {
  try {
    return parseObject(raw, 'newer');
  } catch (thrown) {
    return { errors: [{ path: [], message: toError(thrown).message, type: 'invalid' }], warnings: [] };
  }
}

/** The last form that could be read, by the version and the status that the object has now: statuses are written over those. */
function asWritten(last: KubeObject, { metadata, status }: RawObject & { status?: unknown }): KubeObject {
  const { resourceVersion } = metadata;
  return {
    ...last,
    metadata: { ...last.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    status,
  };
}

function statusManagersIn(managedFields: unknown): string[] {
  const entries = (Array.isArray(managedFields) ? managedFields : []) as readonly {
    readonly manager?: unknown;
    readonly subresource?: unknown;
  }[];
  return entries.flatMap(({ manager, subresource }) =>
    subresource === 'status' && typeof manager === 'string' ? manager : [],
  );
}

function keyOf({ metadata }: RawObject): string {
  return `${metadata.namespace ?? ''}\0${metadata.name}`;
}
