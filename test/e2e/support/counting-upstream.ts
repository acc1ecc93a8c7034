import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A model server that counts how many requests it works on at once. */
export class CountingUpstream {
  readonly #server = createServer((request, response) => this.#serve(request, response));
  readonly #workMs: () => number;
  now = 0;
  most = 0;
  served = 0;

  /** @param workMs how long it works on a request */
  constructor(workMs: () => number) {
    this.#workMs = workMs;
  }

  async listen(address: string, port = 0): Promise<number> {
    await new Promise<void>(resolve => this.#server.listen(port, address, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/metrics') {
      response.writeHead(404).end();
      return;
    }
    this.now++;
    this.most = Math.max(this.most, this.now);
    // It is done with a request when it has answered, or when it has seen that nobody waits any more.
    let working = true;
    const done = () => {
      if (!working) return;
      working = false;
      this.now--;
    };
    request.resume();
    const timer = setTimeout(() => {
      done();
      this.served++;
      response.end('{"object":"chat.completion"}');
    }, this.#workMs());
    response.once('close', () => {
      clearTimeout(timer);
      done();
    });
  }
}
