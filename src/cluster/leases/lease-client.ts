import type { ApiServer } from '../api-server/index.ts';
import {
  deleteOptions,
  type Lease,
  type LeaseObject,
  type LeaseRecord,
  leaseObject,
  leaseOf,
  leasesPath,
} from './lease.ts';

/** `conflict`: somebody else wrote or made it; `missing`: there is none. */
type Refused = { readonly type: 'conflict' | 'missing' | 'failed'; readonly message: string };
export type WriteOutcome = { readonly type: 'written'; readonly lease: Lease } | Refused;
export type DeleteOutcome = { readonly type: 'deleted' } | Refused;
export type ReadOutcome = { readonly type: 'found'; readonly lease: Lease } | Refused;

interface RequestOptions {
  readonly body?: object;
  readonly contentType?: string;
}

/** The Leases of a namespace at an API server: all that reads one by its name, lists or writes them goes through here. */
export class LeaseClient {
  readonly #server: Pick<ApiServer, 'request'>;
  readonly #namespace: string;
  readonly #timeoutMs: number;
  readonly #path: string;

  /** @param timeoutMs of each request */
  constructor(server: Pick<ApiServer, 'request'>, namespace: string, timeoutMs: number) {
    this.#server = server;
    this.#namespace = namespace;
    this.#timeoutMs = timeoutMs;
    this.#path = leasesPath(namespace);
  }

  async read(name: string): Promise<ReadOutcome> {
    const outcome = await this.#ask('GET', `${this.#path}/${name}`);
    return 'body' in outcome ? { type: 'found', lease: leaseOf(outcome.body as LeaseObject) } : outcome;
  }

  /**
   * All Leases of the namespace as they are now, not as a cache has them: without a resourceVersion that is asked for.
   * @throws Error when they cannot be read
   */
  async list(): Promise<readonly LeaseObject[]> {
    const outcome = await this.#ask('GET', this.#path);
    if (!('body' in outcome)) throw new Error(outcome.message);
    return (outcome.body as { readonly items: readonly LeaseObject[] }).items;
  }

  /**
   * A merge patch leaves labels and fields of others; with a resourceVersion it is refused after any other write.
   * @param version of the Lease that is there; undefined: there is none
   */
  async put(
    name: string,
    record: LeaseRecord,
    version: string | undefined,
    annotations: Readonly<Record<string, string>> = {},
  ): Promise<WriteOutcome> {
    const body = leaseObject({ namespace: this.#namespace, name }, record, version, annotations);
    return version === undefined
      ? await this.#write('POST', this.#path, { body })
      : await this.#write('PATCH', `${this.#path}/${name}`, {
          body,
          contentType: 'application/merge-patch+json',
        });
  }

  /** By server-side apply, whether there is one or not: a write whose outcome is not known can be repeated. */
  async apply(
    name: string,
    record: LeaseRecord,
    annotations: Readonly<Record<string, string>>,
  ): Promise<WriteOutcome> {
    const body = leaseObject({ namespace: this.#namespace, name }, record, undefined, annotations);
    return await this.#write('PATCH', `${this.#path}/${name}?fieldManager=breakwater&force=true`, {
      body,
      contentType: 'application/apply-patch+yaml',
    });
  }

  /**
   * DeleteOptions.preconditions.
   * @param version nobody may have written it since; undefined: whatever it is
   */
  async delete(name: string, version?: string): Promise<DeleteOutcome> {
    const outcome = await this.#ask('DELETE', `${this.#path}/${name}`, { body: deleteOptions(version) });
    // What is answered is a Status, or the Lease that was there.
    return 'body' in outcome ? { type: 'deleted' } : outcome;
  }

  async #write(method: string, path: string, options: RequestOptions): Promise<WriteOutcome> {
    const outcome = await this.#ask(method, path, options);
    return 'body' in outcome ? { type: 'written', lease: leaseOf(outcome.body as LeaseObject) } : outcome;
  }

  async #ask(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<{ readonly body: unknown } | Refused> {
    try {
      const { status, body } = await this.#server.request(method, path, {
        ...options,
        timeoutMs: this.#timeoutMs,
      });
      if (status === 200 || status === 201) return { body };
      const { message = `HTTP status ${status}` } = body as { readonly message?: string };
      if (status === 409) return { type: 'conflict', message };
      return { type: status === 404 ? 'missing' : 'failed', message };
    } catch (error) {
      return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }
}
