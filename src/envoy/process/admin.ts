import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { timeoutSignal } from '../../kernel/index.ts';

const TIMEOUT_MS = 2000;

/**
 * The admin interface of a local Envoy, at a socket of the file system: it can end Envoy and shows all of its configuration, to
 * whoever reaches it.
 */
export class EnvoyAdmin {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** @throws Error while Envoy is not there */
  get(path: string): Promise<string> {
    return this.#ask('GET', path);
  }

  /** @throws Error while Envoy is not there */
  post(path: string): Promise<string> {
    return this.#ask('POST', path);
  }

  /** Of clients, but not those to this interface. @throws Error while Envoy is not there */
  async activeRequests(): Promise<number> {
    const filter = encodeURIComponent('^http\\..*downstream_rq_active$');
    let active = 0;
    for (const line of (await this.get(`/stats?filter=${filter}`)).split('\n'))
      if (line.startsWith('http.') && !line.startsWith('http.admin.'))
        active += Number(line.slice(line.lastIndexOf(' ') + 1));
    return active;
  }

  async #ask(method: 'GET' | 'POST', path: string): Promise<string> {
    const { status, body } = await this.#answer(method, path);
    if (status !== 200) throw new Error(`Envoy's admin answers ${status} to ${path}: ${body}`);
    return body;
  }

  #answer(method: 'GET' | 'POST', path: string): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const signal = timeoutSignal(TIMEOUT_MS);
      const asked = request(
        { socketPath: this.#socketPath, method, path, signal, agent: false },
        response => {
          const { statusCode: status = 0 } = response;
          text(response).then(body => resolve({ status, body }), reject);
        },
      );
      asked.once('error', reject);
      asked.end();
    });
  }
}
