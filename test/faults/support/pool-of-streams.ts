import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { stillWaitedFor } from '../../e2e/support/counting-upstream.ts';

/** Model servers of one pool, whose answers are short streams; they count what all of them work on at once. */
export class PoolOfStreams {
  readonly #servers = new Map<string, ReturnType<typeof createServer>>();
  readonly #working = new Set<Socket>();
  readonly #random: () => number;
  port = 0;
  most = 0;
  served = 0;
  /** What was at work when there was most. */
  atMost: string[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  get now(): number {
    return this.#working.size;
  }

  async listen(address: string): Promise<void> {
    const server = createServer((request, response) => this.#serve(request, response));
    await new Promise<void>(resolve => server.listen(this.port, address, resolve));
    this.port = (server.address() as AddressInfo).port;
    this.#servers.set(address, server);
  }

  async close(): Promise<void> {
    for (const server of this.#servers.values()) {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    }
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const { socket } = request;
    this.#working.add(socket);
    if (this.#working.size > this.most) {
      const now = stillWaitedFor(this.#working);
      if (now > this.most) {
        this.most = now;
        this.atMost = [...this.#working].map(({ remotePort }) => String(remotePort));
      }
    }
    request.resume();
    let left = Math.floor(this.#random() * 6);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const next = () => {
      if (left-- <= 0) {
        this.served++;
        // Done when it has said its last word, not when the socket has taken it.
        this.#working.delete(socket);
        response.end('data: [DONE]\n\n');
        return;
      }
      response.write('data: {"choices":[]}\n\n');
      timer = setTimeout(next, this.#random() * 12);
    };
    let timer = setTimeout(next, this.#random() * 12);
    response.once('close', () => {
      clearTimeout(timer);
      this.#working.delete(socket);
    });
  }
}
