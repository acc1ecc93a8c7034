import type { Scene } from '../../proxy/support/gateway.ts';
import { readChunk, readHead } from '../../proxy/support/message.ts';
import type { Script } from '../../proxy/support/upstream.ts';

const COUNT = 5;

/** A backend that sends an event when the client has the one before: no two can come together. */
export class Events {
  readonly #taken = Array.from({ length: COUNT }, () => Promise.withResolvers<void>());

  readonly script: Script = async request => {
    await request.body();
    const { wire } = request;
    wire.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
    for (const [i, taken] of this.#taken.entries()) {
      const event = `data: ${i}\n\n`;
      wire.write(`${event.length.toString(16)}\r\n${event}\r\n`);
      await taken.promise;
    }
    wire.write('0\r\n\r\n');
  };

  /** Sends a request and reads the events of its answer, each in its chunk. */
  async read({ connect }: Scene, request: string): Promise<string[]> {
    const client = await connect();
    client.write(request);
    await readHead(client);
    const events: string[] = [];
    for (const taken of this.#taken) {
      events.push(await readChunk(client));
      taken.resolve();
    }
    return [...events, await readChunk(client)];
  }
}

export const ALL_EVENTS: readonly string[] = [
  ...Array.from({ length: COUNT }, (_, i) => `data: ${i}\n\n`),
  '',
];
