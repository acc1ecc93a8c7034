/** Why objects cannot be written: told once for each object and reason. */
export class Failures {
  count = 0;
  readonly #tell: (key: string, message: string) => void;
  readonly #last = new Map<string, string>();

  constructor(tell: (key: string, message: string) => void) {
    this.#tell = tell;
  }

  add(key: string, message: string): void {
    this.count++;
    if (this.#last.get(key) === message) return;
    this.#last.set(key, message);
    this.#tell(key, message);
  }

  /** It was written, or need not be. */
  clear(key: string): void {
    this.#last.delete(key);
  }
}

/** What an API server says of a request that it refuses: a meta/v1 Status, or something before it has spoken. */
export function refusalIn(status: number, body: unknown): string {
  const { message } = typeof body === 'object' && body !== null ? (body as { message?: unknown }) : {};
  return typeof message === 'string' ? message : `HTTP status ${status}`;
}
