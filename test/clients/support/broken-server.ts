import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const TOKENS = ['It', ' is', ' not', ' over'];

/** A request with this `stop` is broken off in the middle of an event, others between two. */
export const MID_EVENT = 'mid-event';

/** A model server that dies in the middle of each answer. */
export class BrokenServer {
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  asked = 0;

  async listen(address: string): Promise<number> {
    await once(this.#server.listen(0, address), 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/metrics') {
      response.writeHead(404).end();
      return;
    }
    this.asked++;
    let body = '';
    for await (const part of request) body += part;
    const { stream = false, stop } = JSON.parse(body) as { stream?: boolean; stop?: string };
    if (stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      for (const content of TOKENS) response.write(`data: ${chunk(content)}\n\n`);
      // Half an event: it must not reach the client as if it were whole.
      if (stop === MID_EVENT) response.write('data: {"id":"chatcmpl-0","obj');
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"id":"chatcmpl-0","object":"chat.completion","choices":[{"ind');
    }
    setImmediate(() => response.destroy());
  }
}

function chunk(content: string): string {
  return JSON.stringify({
    id: 'chatcmpl-0',
    object: 'chat.completion.chunk',
    created: 0,
    model: 'm',
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  });
}
