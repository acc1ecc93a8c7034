import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const EVENTS = 10;
const BETWEEN_MS = 100;

/** A model server whose answers are ten events within a second, and whose metrics say how many are going on. */
export class SecondLongStreams {
  now = 0;
  most = 0;
  readonly #server = createServer((request, response) => {
    if (request.url === '/metrics') {
      response.end(`vllm:num_requests_running ${this.now}\nvllm:num_requests_waiting 0\n`);
      return;
    }
    request.resume();
    this.now++;
    this.most = Math.max(this.most, this.now);
    this.#stream(response);
  });

  async listen(address: string): Promise<number> {
    await new Promise<void>(resolve => this.#server.listen(0, address, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    let working = true;
    const done = () => {
      if (working) this.now--;
      working = false;
      clearInterval(timer);
    };
    const timer = setInterval(() => {
      if (++sent < EVENTS) response.write('data: {"choices":[]}\n\n');
      else {
        done();
        response.end('data: [DONE]\n\n');
      }
    }, BETWEEN_MS);
    response.once('close', done);
  }
}
