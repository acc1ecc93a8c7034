import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { reset } from '../../../support/reset.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A Pod that is gone does not refuse: nobody is there. */
const CONNECT_MS = 5000;

/**
 * Answers one address and port for endpoints, of which each connection gets one. It listens while there are some: without them
 * the kernel refuses connections, as kube-proxy's rules do.
 */
export class TcpForwarder {
  readonly #at: Endpoint;
  readonly #sockets = new Set<Socket>();
  #endpoints: readonly Endpoint[] = [];
  #next = 0;
  #server: Server | undefined;

  constructor(at: Endpoint) {
    this.#at = at;
  }

  /** Connections that are there already keep theirs. */
  async forwardTo(endpoints: readonly Endpoint[]): Promise<void> {
    this.#endpoints = endpoints;
    if (endpoints.length === 0) {
      this.#server?.close();
      this.#server = undefined;
    } else if (this.#server === undefined) {
      // Half-closed connections stay so.
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, near =>
        this.#forward(near),
      );
      server.listen({ host: this.#at.address, port: this.#at.port, backlog: 4096 });
      await once(server, 'listening');
      server.on('error', () => undefined);
      this.#server = server;
    }
  }

  close(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  #forward(near: Socket): void {
    const to = this.#endpoints[this.#next++ % this.#endpoints.length];
    if (to === undefined) {
      reset(near);
      return;
    }
    const far = connect({ host: to.address, port: to.port, allowHalfOpen: true, noDelay: true });
    this.#tie(near, far);
    this.#tie(far, near);
    far.setTimeout(CONNECT_MS, () => far.destroy(new Error(`no connection within ${CONNECT_MS} ms`)));
    far.once('connect', () => {
      far.setTimeout(0);
      near.pipe(far);
      far.pipe(near);
    });
  }

  /** What becomes of the other one. */
  #tie(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {
      if (!other.destroyed) reset(other);
    });
    socket.on('close', hadError => {
      this.#sockets.delete(socket);
      if (!hadError) other.destroySoon();
    });
  }
}
