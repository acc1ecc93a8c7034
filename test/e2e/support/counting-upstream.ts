import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A model server that counts how many requests it works on at once. */
export class CountingUpstream {
  readonly #server = createServer((request, response) => this.#serve(request, response));
  readonly #workMs: () => number;
  readonly #working = new Set<Socket>();
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
    const { socket } = request;
    this.now++;
    this.#working.add(socket);
    if (this.now > this.most) this.most = Math.max(this.most, stillWaitedFor(this.#working));
    // It is done with a request when it has answered, or when it has seen that nobody waits any more.
    let working = true;
    const done = () => {
      if (!working) return;
      working = false;
      this.now--;
      this.#working.delete(socket);
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

const ESTABLISHED = '01';

/** A peer that left may have told so before others came, and this process may yet have to read it: the system knows. */
export function stillWaitedFor(sockets: ReadonlySet<Socket>): number {
  const states = new Map<string, string>();
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
    states.set(`${portOf(local)} ${portOf(remote)}`, state);
  }
  let waiting = 0;
  for (const { localPort, remotePort } of sockets)
    if (states.get(`${localPort} ${remotePort}`) === ESTABLISHED) waiting++;
  return waiting;
}

/** Of `0100007F:1F90`. */
function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16);
}
