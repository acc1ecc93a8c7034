import {
  buildResourceSet,
  KINDS,
  type KnownKind,
  type KubeObject,
  type ResourceSet,
  sameJson,
} from '../../api/index.ts';
import { wallMs } from '../../kernel/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { Failures, refusalIn } from '../write/failures.ts';
import { WritePump } from '../write/write-pump.ts';
import { type Again, WRITE_QUEUE, type WriteQueueOptions } from '../write/write-queue.ts';
import { isJson, type Json } from './conditions.ts';
import { ownershipOf } from './gateway-owners.ts';
import type { Ownership } from './shared-entries.ts';
import { statusDifference } from './status-write.ts';
import { UnknownFields } from './unknown-fields.ts';

/** The status that one object should have, whole; conditions are without lastTransitionTime. */
export interface WantedStatus {
  readonly apiVersion: string;
  readonly kind: string;
  /** '' for kinds without one. */
  readonly namespace: string;
  readonly name: string;
  readonly status: object;
}

export interface StatusWriterOptions {
  readonly server: Pick<ApiServer, 'request'>;
  /** Of server-side apply: the same for all replicas, and after a restart. */
  readonly fieldManager: string;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  /** Why an object's status cannot be written: once for each reason. */
  readonly onProblem: (message: string) => void;
  /** How many entries of an object's status find no room in its list; told when that changes. */
  readonly onLeftOut?: (object: KubeObject, count: number) => void;
  readonly queue?: WriteQueueOptions;
}

interface Want {
  readonly object: KubeObject;
  readonly kind: KnownKind | undefined;
  readonly status: Json | undefined;
}

/** What an API server gave back for a write, as long as the source has not come to see it. */
interface Confirmed {
  /** resourceVersion that the source showed then. */
  readonly basis: string | undefined;
  readonly object: KubeObject;
  /** JSON of what was wanted. An API server whose CRD makes something else of it is not asked for it again and again. */
  readonly wanted: string;
}

/** Kinds whose statuses we write; those of Kubernetes itself are its own. */
const WRITTEN_GROUPS = new Set([
  'gateway.networking.k8s.io',
  'gateway.envoyproxy.io',
  'inference.networking.k8s.io',
  'inference.networking.x-k8s.io',
]);

/**
 * Makes the statuses of a cluster's objects what they should be: only where they are not, one write at a time to an object,
 * so many in all. A write that fails is tried again with what is wanted then.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #pump: WritePump;
  readonly #confirmed = new Map<string, Confirmed>();
  readonly #failures: Failures;
  readonly #unknown = new UnknownFields();
  readonly #leftOut = new Map<string, number>();
  #written = 0;
  #conflicts = 0;
  #wants = new Map<string, Want>();
  #statuses: readonly WantedStatus[] = [];
  /** The same by {@link keyOf}. */
  #wanted: ReadonlyMap<string, Json> = new Map();
  #withheld: ReadonlySet<KnownKind> = new Set();
  #owners: Ownership = ownershipOf(buildResourceSet([]), []);

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#failures = new Failures((key, message) =>
      options.onProblem(`the status of ${key} cannot be written: ${message}`),
    );
    this.#pump = new WritePump({
      queue: options.queue ?? WRITE_QUEUE,
      mayWrite: options.mayWrite,
      write: (key, signal) => this.#write(key, signal),
      isDue: key => this.#writeOf(key) !== undefined,
      onFault: (key, { message }) => this.#failures.add(key, message),
    });
  }

  /**
   * Takes the objects as they are, and the statuses that some should have; the others should have none of ours.
   * @param withheld of these kinds nothing is written for now
   */
  want(
    set: ResourceSet,
    statuses: readonly WantedStatus[],
    owners: Ownership,
    withheld: ReadonlySet<KnownKind> = new Set(),
  ): void {
    if (statuses !== this.#statuses) {
      this.#statuses = statuses;
      this.#wanted = new Map(
        statuses.map(each => [keyOf(each, each.namespace, each.name), each.status as Json]),
      );
    }
    const before = this.#wants;
    const all = !isSameSet(withheld, this.#withheld) || !isSameSet(owners.contested, this.#owners.contested);
    this.#owners = owners;
    this.#withheld = withheld;
    this.#wants = new Map();
    const changed: string[] = [];
    for (const object of set.all()) {
      const key = keyOfWritten(object);
      if (key === undefined) continue;
      const status = this.#wanted.get(key);
      const was = before.get(key);
      // Of thousands of routes, one has changed. Whose the entries of a pool are depends on other objects as well.
      const same = was?.object === object && sameJson(was.status, status) && object.kind !== 'InferencePool';
      this.#wants.set(key, same ? was : { object, kind: entryOf(object)?.id, status });
      if (all || !same) changed.push(key);
    }
    for (const key of before.keys()) if (!this.#wants.has(key)) this.#forget(key);
    this.#pump.resume(changed);
  }

  /** Looks through all objects: after it may write again. */
  resume(): void {
    this.#pump.resume(this.#wants.keys());
  }

  get counts() {
    return { written: this.#written, conflicts: this.#conflicts, failed: this.#failures.count };
  }

  /** Objects whose status is not what it should be. */
  get waiting(): number {
    return this.#pump.waiting;
  }

  close(): void {
    this.#pump.close();
  }

  #writeOf(key: string) {
    const want = this.#wants.get(key);
    if (want === undefined) return undefined;
    if (want.kind !== undefined && this.#withheld.has(want.kind)) return undefined;
    const { kind, metadata } = want.object;
    if (this.#owners.isContested(kind, metadata.namespace ?? '', metadata.name)) return undefined;
    const newest = this.#newest(key, want.object);
    const status = want.status && this.#unknown.without(kindOf(want.object), want.status);
    const { write, leftOut } = statusDifference(newest, status, this.#owners, wallMs());
    if (leftOut !== (this.#leftOut.get(key) ?? 0)) {
      this.#leftOut.set(key, leftOut);
      this.#options.onLeftOut?.(want.object, leftOut);
    }
    if (write === undefined || newest === want.object) return write;
    return this.#confirmed.get(key)?.wanted === wantedText(want) ? undefined : write;
  }

  /** The source lags behind our own writes: until it shows something newer than what was written over, theirs counts. */
  #newest(key: string, object: KubeObject): KubeObject {
    const confirmed = this.#confirmed.get(key);
    if (confirmed === undefined) return object;
    if (confirmed.basis === object.metadata.resourceVersion) return confirmed.object;
    this.#confirmed.delete(key);
    return object;
  }

  /** Whether it is to be tried again. */
  async #write(key: string, signal: AbortSignal): Promise<Again> {
    const want = this.#wants.get(key);
    const write = this.#writeOf(key);
    if (want === undefined || write === undefined) return false;
    const { count } = this.#unknown;
    try {
      const { status, body } = await this.#options.server.request(
        'PATCH',
        statusPath(want.object, this.#options.fieldManager),
        { body: write.body, contentType: 'application/apply-patch+yaml', signal },
      );
      if (status >= 400) this.#unknown.learn(kindOf(want.object), refusalIn(status, body));
      // With what has been learnt it may be taken.
      if (status >= 400 && this.#unknown.count !== count) return true;
      return this.#outcome(key, want, status, body);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#failures.add(key, error instanceof Error ? error.message : String(error));
      return true;
    }
  }

  /** Whether it is to be tried again. */
  #outcome(key: string, want: Want, status: number, body: unknown): Again {
    if (status === 200 || status === 201) {
      this.#written++;
      this.#failures.clear(key);
      const { apiVersion, kind, metadata } = want.object;
      const after = isJson(body) && isJson(body['metadata']) ? body : { metadata: {} };
      const { resourceVersion } = after.metadata as { resourceVersion?: string };
      this.#confirmed.set(key, {
        basis: metadata.resourceVersion,
        object: {
          apiVersion,
          kind,
          metadata: { ...metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
          status: after['status'],
        },
        wanted: wantedText(want),
      });
      return false;
    }
    if (status === 409) {
      this.#conflicts++;
      return 'conflict';
    }
    // Deleted meanwhile, as the source will show; or its CRD.
    if (status === 404) return true;
    this.#failures.add(key, refusalIn(status, body));
    return true;
  }

  #forget(key: string): void {
    this.#pump.remove(key);
    this.#confirmed.delete(key);
    this.#failures.clear(key);
    this.#leftOut.delete(key);
  }
}

function wantedText({ status }: Want): string {
  return JSON.stringify(status ?? null);
}

/** `HTTPRoute.gateway.networking.k8s.io ns/name`: versions of one group are one object. */
function keyOf(
  of: { readonly apiVersion: string; readonly kind: string },
  namespace: string,
  name: string,
): string {
  return `${of.kind}.${groupOf(of)} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** Of objects, which never change: each cycle asks for those of all. */
const keys = new WeakMap<KubeObject, string | undefined>();

/** {@link keyOf} an object; undefined where its status is not ours to write. */
function keyOfWritten(object: KubeObject): string | undefined {
  if (keys.has(object)) return keys.get(object);
  const { namespace = '', name } = object.metadata;
  const key = WRITTEN_GROUPS.has(groupOf(object)) ? keyOf(object, namespace, name) : undefined;
  keys.set(object, key);
  return key;
}

function groupOf({ apiVersion }: { readonly apiVersion: string }): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function kindOf({ apiVersion, kind }: KubeObject): string {
  return `${apiVersion} ${kind}`;
}

function entryOf(object: KubeObject) {
  return KINDS.find(each => each.kind === object.kind && each.group === groupOf(object));
}

/** Kubernetes API reference, "Server-Side Apply": forced, as controllers should; what others may not lose is in the body. */
function statusPath(object: KubeObject, fieldManager: string): string {
  const { apiVersion, metadata } = object;
  const { namespace, name } = metadata;
  const plural = entryOf(object)?.plural;
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const query = new URLSearchParams({ fieldManager, force: 'true' });
  return `/apis/${apiVersion}${within}/${plural}/${name}/status?${query}`;
}

function isSameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every(each => b.has(each));
}
