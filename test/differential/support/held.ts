import type { Scene } from '../../proxy/support/gateway.ts';
import { type Response, readResponse } from '../../proxy/support/message.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { eventually } from '../../proxy/support/within.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
type Outcome = 'served' | 'queued' | 'refused';

/** The first connection of a process on a busy machine takes at most so long. */
const CONNECTING_MS = 400;

/** Upstreams that answer when they are told to. */
export class Held {
  #open = false;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  readonly script: Script = async ({ wire }) => {
    this.#running++;
    if (!this.#open) await new Promise<void>(resolve => this.#waiting.push(resolve));
    wire.write(answer('served'));
  };

  /** Sends requests one after another, each on a connection of its own; then lets all that wait be answered. */
  async outcomes({ connect, snapshot }: Scene, count: number): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const answers: Promise<Response>[] = [];
    for (let i = 0; i < count; i++) {
      const client = await connect();
      const before = { running: this.#running, pending: outcomes.filter(one => one === 'queued').length };
      client.write(GET);
      let outcome: Outcome | undefined;
      await eventually(60_000, 'a request to be served, queued or refused', async () => {
        if (this.#running > before.running) outcome = 'served';
        else if (client.received > 0) outcome = 'refused';
        else if ((await snapshot()).limits.some(({ pending }) => pending > before.pending)) {
          // A request is also pending for as long as its connection is being made.
          const until = performance.now() + CONNECTING_MS;
          const waits = () => this.#running === before.running && client.received === 0;
          while (waits() && performance.now() < until) await new Promise(resolve => setTimeout(resolve, 5));
          if (waits()) outcome = 'queued';
        }
        return outcome !== undefined;
      });
      outcomes.push(outcome as Outcome);
      answers.push(readResponse(client));
    }
    this.release();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    for (const [i, outcome] of outcomes.entries()) {
      const expected = outcome === 'refused' ? 503 : 200;
      if (statuses[i] !== expected) throw new Error(`request ${i}: ${outcome}, but ${statuses[i]}`);
    }
    return outcomes;
  }

  /** Lets all that wait, and all that come, be answered. */
  release(): void {
    this.#open = true;
    for (const release of this.#waiting.splice(0)) release();
  }
}
