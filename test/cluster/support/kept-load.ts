import { Agent, type IncomingMessage, request } from 'node:http';
import { peerTakes } from '../../support/peer-takes.ts';

/** Clients that each send one request after the other on a connection that they keep as long as they may. */
export class KeptLoad {
  /** Statuses, or messages of errors, with their counts. */
  readonly answers = new Map<number | string | undefined, number>();
  /** Answers that were the last of their connection. */
  letGo = 0;
  readonly #address: string;
  readonly #host: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #clients: Promise<void>[];
  #running = true;

  constructor(address: string, host: string, clients: number) {
    this.#address = address;
    this.#host = host;
    this.#clients = Array.from({ length: clients }, () => this.#run());
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const came = await this.#one().catch((error: Error) => error.message);
      this.answers.set(came, (this.answers.get(came) ?? 0) + 1);
      await peerTakes(10);
    }
  }

  #one(): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const take = (response: IncomingMessage) => {
        if (response.headers.connection === 'close') this.letGo++;
        response.on('error', reject).on('end', () => resolve(response.statusCode));
        response.resume();
      };
      const headers = { host: this.#host };
      const sent = request({ host: this.#address, port: 80, headers, agent: this.#agent }, take);
      sent.setTimeout(30_000, () => sent.destroy(new Error('nothing for 30 s')));
      sent.on('error', reject).end();
    });
  }
}
