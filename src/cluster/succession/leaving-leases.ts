import type { ApiServer } from '../api-server/index.ts';
import { deleteOptions, type LeaseObject, leaseObject, leasesPath, microTime } from '../election/index.ts';
import { IN_USE_ANNOTATION, LEAVING_TIMES } from './names.ts';

/** Well below the time after which somebody leads whose Lease could not be read: who was away is back sooner. */
const TIMEOUT_MS = 1_000;

/** The Leases of replicas that are stopping, at the API server. Whatever fails throws. */
export class LeavingLeases {
  readonly #server: Pick<ApiServer, 'request'>;
  readonly #namespace: string;
  readonly #path: string;

  constructor(server: Pick<ApiServer, 'request'>, namespace: string) {
    this.#server = server;
    this.#namespace = namespace;
    this.#path = leasesPath(namespace);
  }

  /** All Leases of the namespace as they are now, not as a cache has them: without a resourceVersion that is asked for. */
  async list(): Promise<readonly LeaseObject[]> {
    const { items } = (await this.#ask('GET', this.#path)) as { items: readonly LeaseObject[] };
    return items;
  }

  /** By server-side apply, whether there is one or not: a write whose outcome is not known can be repeated. */
  async write(name: string, holder: string, token: string, text: string): Promise<void> {
    const at = microTime(Date.now());
    const durationMs = LEAVING_TIMES.leaseDurationMs;
    const record = { holder, token, durationMs, acquiredAt: '', renewedAt: at, transitions: 0 };
    const metadata = { namespace: this.#namespace, name };
    const body = leaseObject(metadata, record, undefined, { [IN_USE_ANNOTATION]: text });
    const query = 'fieldManager=breakwater&force=true';
    await this.#ask('PATCH', `${this.#path}/${name}?${query}`, body, 'application/apply-patch+yaml');
  }

  /** @param version nobody may have written it since; undefined: whatever it is */
  async delete(name: string, version?: string): Promise<void> {
    await this.#ask('DELETE', `${this.#path}/${name}`, deleteOptions(version));
  }

  async #ask(method: string, path: string, body?: object, contentType?: string): Promise<unknown> {
    const answer = await this.#server.request(method, path, {
      timeoutMs: TIMEOUT_MS,
      ...(body && { body }),
      ...(contentType === undefined ? {} : { contentType }),
    });
    if (answer.status === 200 || answer.status === 201) return answer.body;
    if (method === 'DELETE' && (answer.status === 404 || answer.status === 409)) return undefined;
    const { message = `HTTP status ${answer.status}` } = answer.body as { message?: string };
    throw new Error(message);
  }
}
