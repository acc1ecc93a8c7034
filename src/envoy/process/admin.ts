import { readFile } from 'node:fs/promises';

const TIMEOUT_MS = 2000;

/** The admin interface of a local Envoy. */
export class EnvoyAdmin {
  readonly #addressFile: string;

  /** @param addressFile where Envoy writes `ADDRESS:PORT` */
  constructor(addressFile: string) {
    this.#addressFile = addressFile;
  }

  /** @throws Error while Envoy is not there */
  get(path: string): Promise<string> {
    return this.#ask('GET', path);
  }

  /** @throws Error while Envoy is not there */
  post(path: string): Promise<string> {
    return this.#ask('POST', path);
  }

  async #ask(method: 'GET' | 'POST', path: string): Promise<string> {
    const address = (await readFile(this.#addressFile, 'utf8')).trim();
    const response = await fetch(`http://${address}${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Envoy's admin answers ${response.status} to ${path}: ${text}`);
    return text;
  }
}
