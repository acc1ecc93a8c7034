import { createServer, type Server, type Socket } from 'node:net';
import { type Head, type Message, readBody, readHead } from './message.ts';
import { Wire } from './wire.ts';

/** A request as a scripted upstream got it. */
export interface Received {
  readonly head: Head;
  /** Counts from 0 over all connections. */
  readonly index: number;
  /** The connection: what is written to it is the answer. */
  readonly wire: Wire;
  /** The body, when it is whole. */
  body(): Promise<Message>;
}

/** What it does with a request; the next on the connection is read when this is over. */
export type Script = (request: Received) => void | Promise<void>;

/** A whole answer with a length. */
export function answer(text: string, ...fields: readonly string[]): string {
  const lines = ['HTTP/1.1 200 OK', `content-length: ${Buffer.byteLength(text, 'latin1')}`, ...fields];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
}

/** Reads the body and answers with it. */
export const echo: Script = async request => {
  const { body } = await request.body();
  request.wire.write(answer(body));
};

/** An upstream that does as its script says, right or wrong; scrapes of its metrics are not shown to the script. */
export class Upstream {
  readonly port: number;
  readonly address: string;
  /** Every request, in the order in which heads came. */
  readonly requests: Received[] = [];
  /** Connections that are open now, without those of scrapes. */
  readonly open = new Set<Wire>();
  /** Connections that a request came on. */
  connections = 0;
  /** Most requests that were served at once. */
  peak = 0;
  #busy = 0;
  #wake = Promise.withResolvers<void>();
  readonly #server: Server;
  readonly #script: Script;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, script: Script) {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not bound');
    this.port = bound.port;
    this.address = bound.address;
    this.#server = server;
    this.#script = script;
    server.on('connection', socket => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      void this.#serve(new Wire(socket));
    });
  }

  static async start(script: Script, address = '127.0.0.1', port = 0): Promise<Upstream> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: address, port, backlog: 4096 }, resolve);
    });
    return new Upstream(server, script);
  }

  /** The request with that index, when it comes. */
  async request(index: number): Promise<Received> {
    while (this.requests.length <= index) await this.#wake.promise;
    return this.requests[index] as Received;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise(resolve => this.#server.close(resolve));
  }

  async #serve(wire: Wire): Promise<void> {
    let counted = false;
    try {
      for (;;) {
        const head = await this.#nextHead(wire);
        if (head === undefined) return;
        if (head.line.startsWith('GET /metrics ')) {
          wire.write('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
          continue;
        }
        if (!counted) {
          counted = true;
          this.connections++;
          this.open.add(wire);
          wire.socket.once('close', () => this.open.delete(wire));
        }
        await this.#run({
          head,
          wire,
          index: this.requests.length,
          body: () => readBody(wire, head),
        });
      }
    } catch {
      // A script whose client left, or that misbehaved on purpose: its connection is over.
      wire.destroy();
    }
  }

  /** Waits without a time limit: connections stay idle for long. */
  async #nextHead(wire: Wire): Promise<Head | undefined> {
    await wire.untilMore();
    return wire.unread === '' && wire.ended ? undefined : readHead(wire);
  }

  async #run(request: Received): Promise<void> {
    this.requests.push(request);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
    this.peak = Math.max(this.peak, ++this.#busy);
    try {
      await this.#script(request);
    } finally {
      this.#busy--;
    }
  }
}
