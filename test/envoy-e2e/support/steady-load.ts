import { type Asked, ask } from './ask.ts';

export interface Outcome {
  /** performance.now() */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly answer: Asked;
}

/** So many requests a second, whatever becomes of them; every one has its outcome. */
export class SteadyLoad {
  readonly outcomes: Outcome[] = [];
  readonly #gateway: string;
  readonly #headers: Record<string, string>;
  readonly #startedAtMs = performance.now();
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #started = 0;

  constructor(gateway: string, perSecond: number, headers: Record<string, string> = {}) {
    this.#gateway = gateway;
    this.#headers = headers;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - this.#startedAtMs) / 1000) * perSecond;
      while (this.#started < due) this.#start();
    }, 5);
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** Outcomes of requests that began after this. */
  since(ms: number): Outcome[] {
    return this.outcomes.filter(({ startedAtMs }) => startedAtMs > ms);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  #start(): void {
    this.#started++;
    const startedAtMs = performance.now();
    const pending = ask(this.#gateway, { headers: this.#headers }).then(answer => {
      this.outcomes.push({ startedAtMs, endedAtMs: performance.now(), answer });
      this.#pending.delete(pending);
    });
    this.#pending.add(pending);
  }
}
