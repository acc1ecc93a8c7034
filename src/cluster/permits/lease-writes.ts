import type { ApiServer } from '../api-server/index.ts';
import {
  deleteOptions,
  type Lease,
  type LeaseObject,
  type LeaseRecord,
  leaseObject,
  leaseOf,
  leasesPath,
} from '../election/index.ts';

const TIMEOUT_MS = 2_000;

/** `conflict`: somebody else wrote, made or deleted it. */
export type WriteOutcome =
  | { readonly type: 'written'; readonly lease: Lease }
  | { readonly type: 'conflict' }
  | { readonly type: 'failed'; readonly message: string };

/** Writes of Leases that name the version which they replace. */
export class LeaseWrites {
  readonly #server: Pick<ApiServer, 'request'>;
  readonly #namespace: string;
  readonly #path: string;

  constructor(server: Pick<ApiServer, 'request'>, namespace: string) {
    this.#server = server;
    this.#namespace = namespace;
    this.#path = leasesPath(namespace);
  }

  /** @param version of the Lease that is there; undefined: there is none */
  async put(
    name: string,
    record: LeaseRecord,
    version: string | undefined,
    annotations: Readonly<Record<string, string>>,
  ): Promise<WriteOutcome> {
    const body = leaseObject({ namespace: this.#namespace, name }, record, version, annotations);
    return version === undefined
      ? await this.#ask('POST', this.#path, { body })
      : await this.#ask('PATCH', `${this.#path}/${name}`, {
          body,
          contentType: 'application/merge-patch+json',
        });
  }

  /** DeleteOptions.preconditions: nobody has written it since. */
  async delete(name: string, version: string): Promise<WriteOutcome> {
    return await this.#ask('DELETE', `${this.#path}/${name}`, { body: deleteOptions(version) });
  }

  async #ask(
    method: string,
    path: string,
    options: { readonly body: unknown; readonly contentType?: string },
  ): Promise<WriteOutcome> {
    try {
      const { status, body } = await this.#server.request(method, path, {
        ...options,
        timeoutMs: TIMEOUT_MS,
      });
      if (status === 200 || status === 201) return { type: 'written', lease: leaseOf(body as LeaseObject) };
      if (status === 404 || status === 409) return { type: 'conflict' };
      const { message = `HTTP status ${status}` } = body as { message?: string };
      return { type: 'failed', message };
    } catch (error) {
      return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }
}
