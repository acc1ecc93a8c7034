import { Agent, request } from 'node:http';
import { peerTakes } from '../../support/peer-takes.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] });

export interface Asking {
  readonly path?: string;
  readonly host?: string;
  readonly agent?: Agent;
}

/** One request to the end of its answer. @throws when the connection breaks */
export function ask(
  gateway: string,
  { path = '/v1/chat/completions', host, agent }: Asking = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...(host === undefined ? {} : { host }) };
    const asked = request(
      `http://${gateway}${path}`,
      { method: 'POST', headers, agent: agent ?? false },
      response => {
        let body = '';
        response.setEncoding('latin1').on('data', (part: string) => {
          body += part;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    asked.on('error', reject);
    asked.end(BODY);
  });
}

/** A test that failed before it stopped its load must come to an end too: longer than anybody waits for a server to be back. */
const MOST_SILENCE_MS = 120_000;

/** Clients that ask one request after the other on connections that they keep. */
export class Load {
  readonly #gateway: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #clients: Promise<void>[];
  #going = true;
  #answeredAtMs = performance.now();
  ok = 0;
  overflows = 0;
  /** What was neither 200 nor an overflow. */
  readonly lost: string[] = [];

  constructor(gateway: string, clients: number, asking: Asking = {}) {
    this.#gateway = gateway;
    this.#clients = Array.from({ length: clients }, () => this.#run({ ...asking, agent: this.#agent }));
  }

  async stop(): Promise<void> {
    this.#going = false;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async #run(asking: Asking): Promise<void> {
    while (this.#going && performance.now() - this.#answeredAtMs < MOST_SILENCE_MS) {
      try {
        const { status, body } = await ask(this.#gateway, asking);
        this.#answeredAtMs = performance.now();
        if (status === 200) this.ok++;
        else if (body.endsWith('reset reason: overflow')) {
          this.overflows++;
          // Whoever was refused comes back after a moment, as clients do.
          await peerTakes(5);
        } else this.lost.push(`${status} ${body}`);
      } catch (error) {
        this.lost.push(String(error));
      }
    }
  }
}
