import { KINDS, type KnownKind, type KubeObject, type ResourceSet, sameJson } from '../../api/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { isJson, type Json } from './conditions.ts';
import type { Ownership } from './shared-entries.ts';
import { statusDifference } from './status-write.ts';
import { WRITE_QUEUE, WriteQueue, type WriteQueueOptions } from './write-queue.ts';

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

export interface WriteCounts {
  written: number;
  conflicts: number;
  failed: number;
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
  readonly counts: WriteCounts = { written: 0, conflicts: 0, failed: 0 };
  readonly #options: StatusWriterOptions;
  readonly #queue: WriteQueue;
  readonly #confirmed = new Map<string, Confirmed>();
  readonly #problems = new Map<string, string>();
  readonly #leftOut = new Map<string, number>();
  readonly #abort = new AbortController();
  #wants = new Map<string, Want>();
  #withheld: ReadonlySet<KnownKind> = new Set();
  #owners: Ownership = { controllerNames: [], gatewayOwner: () => 'other' };
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#queue = new WriteQueue(options.queue ?? WRITE_QUEUE);
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
    const wanted = new Map(
      statuses.map(each => [keyOf(each, each.namespace, each.name), each.status as Json]),
    );
    const before = this.#wants;
    const all =
      withheld.size !== this.#withheld.size || [...withheld].some(kind => !this.#withheld.has(kind));
    this.#owners = owners;
    this.#withheld = withheld;
    this.#wants = new Map();
    const changed: string[] = [];
    for (const object of set.all()) {
      if (!WRITTEN_GROUPS.has(groupOf(object))) continue;
      const key = keyOf(object, object.metadata.namespace ?? '', object.metadata.name);
      const status = wanted.get(key);
      const was = before.get(key);
      // Of thousands of routes, one has changed. Whose the entries of a pool are depends on other objects as well.
      const same = was?.object === object && sameJson(was.status, status) && object.kind !== 'InferencePool';
      this.#wants.set(key, same ? was : { object, kind: entryOf(object)?.id, status });
      if (all || !same) changed.push(key);
    }
    for (const key of before.keys()) if (!this.#wants.has(key)) this.#forget(key);
    this.#look(changed);
  }

  /** Looks through all objects: after it may write again. */
  resume(): void {
    this.#look(this.#wants.keys());
  }

  #look(keys: Iterable<string>): void {
    if (!this.#options.mayWrite()) return;
    for (const key of keys)
      if (this.#writeOf(key) === undefined) this.#queue.remove(key);
      else this.#queue.add(key);
    this.#pump();
  }

  /** Objects whose status is not what it should be. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #writeOf(key: string) {
    const want = this.#wants.get(key);
    if (want === undefined) return undefined;
    if (want.kind !== undefined && this.#withheld.has(want.kind)) return undefined;
    const newest = this.#newest(key, want.object);
    const { write, leftOut } = statusDifference(newest, want.status, this.#owners, Date.now());
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

  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#abort.signal.aborted) return;
    if (!this.#options.mayWrite()) return;
    const now = performance.now();
    for (let key = this.#queue.take(now); key !== undefined; key = this.#queue.take(now))
      void this.#write(key);
    const next = this.#queue.nextAtMs(now);
    if (next !== undefined) this.#timer = setTimeout(() => this.#pump(), Math.max(1, next - now));
  }

  async #write(key: string): Promise<void> {
    const want = this.#wants.get(key);
    const write = this.#writeOf(key);
    let again = false;
    if (want !== undefined && write !== undefined) {
      try {
        const { status, body } = await this.#options.server.request(
          'PATCH',
          statusPath(want.object, this.#options.fieldManager),
          { body: write.body, contentType: 'application/apply-patch+yaml', signal: this.#abort.signal },
        );
        again = !this.#outcome(key, want, status, body);
      } catch (error) {
        if (this.#abort.signal.aborted) return;
        again = true;
        this.#failed(key, error instanceof Error ? error.message : String(error));
      }
    }
    this.#queue.done(key, again, performance.now());
    // What is wanted may have changed meanwhile.
    if (!again && this.#writeOf(key) !== undefined) this.#queue.add(key);
    this.#pump();
  }

  /** Whether it need not be tried again. */
  #outcome(key: string, want: Want, status: number, body: unknown): boolean {
    if (status === 200 || status === 201) {
      this.counts.written++;
      this.#problems.delete(key);
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
      return true;
    }
    if (status === 409) {
      this.counts.conflicts++;
      return false;
    }
    // Deleted meanwhile, as the source will show; or its CRD.
    if (status === 404) return false;
    this.#failed(
      key,
      isJson(body) && typeof body['message'] === 'string' ? body['message'] : `HTTP status ${status}`,
    );
    return false;
  }

  #failed(key: string, message: string): void {
    this.counts.failed++;
    if (this.#problems.get(key) === message) return;
    this.#problems.set(key, message);
    this.#options.onProblem(`the status of ${key} cannot be written: ${message}`);
  }

  #forget(key: string): void {
    this.#queue.remove(key);
    this.#confirmed.delete(key);
    this.#problems.delete(key);
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

function groupOf({ apiVersion }: { readonly apiVersion: string }): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
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
