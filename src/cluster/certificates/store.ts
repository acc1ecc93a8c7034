import { X509Certificate } from 'node:crypto';
import { startTimer, stopTimer, type Timer, wallMs } from '../../kernel/index.ts';
import {
  CERTIFICATE_TIMES,
  type CertificateTimes,
  type ControlPlaneCertificates,
  renewedControlPlane,
  secretText,
} from '../../tls/index.ts';
import type { ApiServer } from '../api-server/index.ts';
import { decoded, encoded } from './encoding.ts';

export interface CertificateStoreOptions {
  readonly server: Pick<ApiServer, 'request'>;
  /** Of the Secret: the controller's own. */
  readonly namespace: string;
  /** Default: `breakwater-tls`. */
  readonly name?: string;
  readonly notice: (message: string, severity: 'info' | 'warning') => void;
  readonly times?: CertificateTimes;
  /** Of the wall clock, as certificates are dated. */
  readonly now?: () => number;
  /** Between two looks at the Secret. */
  readonly pollMs?: number;
}

/** core/v1 Secret, as far as it is looked at. */
interface Secret {
  readonly metadata: { readonly resourceVersion?: string; readonly [field: string]: unknown };
  readonly data?: Readonly<Record<string, string>> | null;
  readonly [field: string]: unknown;
}

/** A change by another replica is seen so late; there is a day between two steps of a rotation. */
const POLL_MS = 10_000;
/** After a failure, and after another replica was quicker. */
const RETRY_MS = 1_000;
const OWN_KEYS = ['ca.crt', 'ca.key', 'next-ca.key', 'tls.crt', 'tls.key'];

/**
 * The certificates of the control plane, in a Secret that all replicas read. Whichever replica finds them missing or due makes
 * them: a write names the version that was read, so that one replica does it and the others take what it made.
 */
export class CertificateStore {
  readonly #options: CertificateStoreOptions;
  readonly #listeners = new Set<(certificates: ControlPlaneCertificates) => void>();
  readonly #abort = new AbortController();
  readonly #first = Promise.withResolvers<void>();
  #current: ControlPlaneCertificates | undefined;
  #timer: Timer | undefined;
  #problem: string | undefined;

  private constructor(options: CertificateStoreOptions) {
    this.#options = options;
    this.#abort.signal.addEventListener('abort', () => this.#first.reject(this.#abort.signal.reason));
  }

  /** Resolves when there are certificates. Fails when the signal does. */
  static async start(options: CertificateStoreOptions, signal?: AbortSignal): Promise<CertificateStore> {
    const made = new CertificateStore(options);
    const stop = () => made.#abort.abort(signal?.reason);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    void made.#look();
    await made.#first.promise;
    signal?.removeEventListener('abort', stop);
    return made;
  }

  get current(): ControlPlaneCertificates {
    return this.#current as ControlPlaneCertificates;
  }

  /** Ends of life, in milliseconds since 1970. */
  expiry(): { readonly server: number; readonly authority: number } {
    const end = (pem: string) => new X509Certificate(pem).validToDate.getTime();
    const { authority, server } = this.current;
    return { server: end(server.cert), authority: end(authority.issuer.cert) };
  }

  /** Called with those that are to be used from now on. Returns what ends the subscription. */
  onChange(listener: (certificates: ControlPlaneCertificates) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    stopTimer(this.#timer);
    this.#abort.abort();
  }

  async #look(): Promise<void> {
    const { pollMs = POLL_MS } = this.#options;
    let wait = RETRY_MS;
    try {
      if (await this.#renew()) wait = pollMs;
      this.#problem = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (!this.#abort.signal.aborted && message !== this.#problem)
        this.#options.notice(
          `${this.#current === undefined ? 'waits for' : 'goes on with'} its certificates: ${message}`,
          'warning',
        );
      this.#problem = message;
    }
    if (!this.#abort.signal.aborted) this.#timer = startTimer(wait, () => void this.#look());
  }

  /** Whether the Secret is as it is to be; false: another replica has written it meanwhile. */
  async #renew(): Promise<boolean> {
    const { namespace, name = 'breakwater-tls', notice, times = CERTIFICATE_TIMES } = this.#options;
    const { now = wallMs } = this.#options;
    const collection = `/api/v1/namespaces/${namespace}/secrets`;
    const found = await this.#ask('GET', `${collection}/${name}`);
    const secret = found.status === 404 ? undefined : (found.body as Secret);
    const { certificates, changes } = renewedControlPlane(secret && decoded(secret.data), now(), times);
    if (changes.length > 0) {
      const written =
        secret === undefined
          ? await this.#ask('POST', collection, newSecret(namespace, name, certificates))
          : await this.#ask('PUT', `${collection}/${name}`, {
              ...secret,
              data: merged(secret, certificates),
            });
      if (written.status === 409) return false;
      for (const change of changes) notice(`Secret ${namespace}/${name}: ${change}`, 'info');
    }
    this.#take(certificates);
    return true;
  }

  #take(certificates: ControlPlaneCertificates): void {
    const before = this.#current;
    this.#current = certificates;
    this.#first.resolve();
    if (before === undefined || JSON.stringify(before) === JSON.stringify(certificates)) return;
    for (const listener of this.#listeners) listener(certificates);
  }

  async #ask(method: string, path: string, body?: object) {
    const { signal } = this.#abort;
    const answer = await this.#options.server.request(method, path, { signal, ...(body && { body }) });
    const { status } = answer;
    const isKnown = status < 300 || (method === 'GET' ? status === 404 : status === 409);
    if (isKnown) return answer;
    const { message } = answer.body as { readonly message?: string };
    throw new Error(`${method} ${path}: ${status} ${message ?? ''}`.trim());
  }
}

function newSecret(namespace: string, name: string, certificates: ControlPlaneCertificates): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'breakwater' } },
    type: 'Opaque',
    data: encoded(secretText(certificates)),
  };
}

/** Keys of others stay. */
function merged({ data }: Secret, certificates: ControlPlaneCertificates): Record<string, string> {
  const others = Object.entries(data ?? {}).filter(([key]) => !OWN_KEYS.includes(key));
  return { ...Object.fromEntries(others), ...encoded(secretText(certificates)) };
}
