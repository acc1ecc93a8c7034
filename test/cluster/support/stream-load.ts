import { request } from 'node:http';
import { peerTakes } from '../../support/peer-takes.ts';

/** What came of a request. Times are of performance.now(). */
export interface Outcome {
  readonly startedAtMs: number;
  /** When the answer's head came; undefined: it did not. */
  readonly headAtMs: number | undefined;
  readonly endedAtMs: number;
  /**
   * `served`: 200, to the end of its body. `overflow`: a limit refused it. `no-endpoint`: `no healthy upstream`. Else what went
   * wrong.
   */
  readonly came: string;
}

/** Clients that each send one streamed request after the other, each on a connection of its own. */
export class StreamLoad {
  readonly outcomes: Outcome[] = [];
  readonly #address: string;
  readonly #host: string;
  readonly #ending: string;
  readonly #clients: Promise<void>[] = [];
  #running = true;

  /** @param ending how a whole body ends */
  constructor(address: string, host: string, ending = 'data: end\n\n') {
    this.#address = address;
    this.#host = host;
    this.#ending = ending;
  }

  /** @param ms how long an answer streams */
  clients(count: number, ms: number): this {
    for (let client = 0; client < count; client++) this.#clients.push(this.#run(ms));
    return this;
  }

  /** All that were begun have ended. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
  }

  /** Outcomes by what came, with their counts. */
  summary(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { came } of this.outcomes) counts[came] = (counts[came] ?? 0) + 1;
    return counts;
  }

  /** When the first answer began whose request was sent after this moment; undefined: none yet. */
  servedSince(atMs: number): number | undefined {
    const heads = this.outcomes
      .filter(({ came, startedAtMs }) => came === 'served' && startedAtMs > atMs)
      .map(({ headAtMs }) => headAtMs as number);
    return heads.length === 0 ? undefined : Math.min(...heads);
  }

  async #run(ms: number): Promise<void> {
    while (this.#running) {
      this.outcomes.push(await this.#one(ms));
      await peerTakes(50);
    }
  }

  #one(ms: number): Promise<Outcome> {
    const startedAtMs = performance.now();
    let headAtMs: number | undefined;
    return new Promise(resolve => {
      const end = (came: string) => resolve({ startedAtMs, headAtMs, endedAtMs: performance.now(), came });
      const sent = request(
        {
          host: this.#address,
          port: 80,
          method: 'POST',
          path: `/v1/chat/completions?ms=${ms}`,
          headers: { host: this.#host, 'content-type': 'application/json' },
          agent: false,
        },
        response => {
          headAtMs = performance.now();
          let body = '';
          response.setEncoding('utf8').on('data', text => {
            body += text;
          });
          response.on('end', () => end(this.#nameOf(response.statusCode, body)));
          response.on('error', error => end(`cut: ${error.message}`));
        },
      );
      // Longer than any answer streams: what hangs is told.
      sent.setTimeout(30_000, () => sent.destroy(new Error('nothing for 30 s')));
      sent.on('error', error =>
        end(headAtMs === undefined ? `refused: ${error.message}` : `cut: ${error.message}`),
      );
      sent.end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] }));
    });
  }

  #nameOf(status: number | undefined, body: string): string {
    if (status === 200) return body.endsWith(this.#ending) ? 'served' : `not whole: ${body.slice(-40)}`;
    if (status === 503 && body.endsWith('reset reason: overflow')) return 'overflow';
    if (status === 503 && body === 'no healthy upstream') return 'no-endpoint';
    return `${status} ${body.slice(0, 200)}`;
  }
}
