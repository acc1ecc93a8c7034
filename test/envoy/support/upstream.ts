import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers its name; to `…/events` an event stream that ends when the test says so. */
export class Upstream {
  readonly #server: Server;
  readonly streams: ServerResponse[] = [];

  private constructor(name: string) {
    this.#server = createServer((request, response) => {
      if (!request.url?.endsWith('/events')) {
        response.end(name);
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: first\n\n');
      this.streams.push(response);
    });
  }

  static async start(name: string): Promise<Upstream> {
    const made = new Upstream(name);
    made.#server.listen(0, '127.0.0.1');
    await once(made.#server, 'listening');
    return made;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
