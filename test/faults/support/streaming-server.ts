import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const EVENT = 'data: {"choices":[]}\n\n';

/** A model server whose answers are streams that go on until the test ends them. */
export class StreamingServer {
  readonly #open = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => {
    if (request.url === '/metrics') {
      response.writeHead(404).end();
      return;
    }
    request.resume();
    this.started++;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#open.add(response);
    const timer = setInterval(() => {
      this.events++;
      response.write(EVENT);
    }, 10);
    response.once('close', () => {
      clearInterval(timer);
      this.#open.delete(response);
    });
    response.write(EVENT);
  });
  started = 0;
  /** Sent over all streams. */
  events = 0;

  get open(): number {
    return this.#open.size;
  }

  async listen(address: string, port = 0): Promise<number> {
    await new Promise<void>(resolve => this.#server.listen(port, address, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all streams as whole. */
  finish(): void {
    for (const response of this.#open) response.end('data: [DONE]\n\n');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}
