import type { Socket } from 'node:net';
import type { UpstreamConnection } from './upstream/connection.ts';

/** Two sockets that became one after an upgrade (RFC 9110 section 7.8): either side's back-pressure and end reach the other. */
export class Tunnel {
  readonly #client: Socket;
  readonly #connection: UpstreamConnection;

  constructor(client: Socket, connection: UpstreamConnection, onBytes: () => void) {
    this.#client = client;
    this.#connection = connection;
    connection.user = {
      onData(bytes) {
        onBytes();
        if (!client.write(bytes)) connection.socket.pause();
      },
      onDrain: () => client.resume(),
      onClosed: () => client.destroySoon(),
    };
  }

  fromClient(bytes: Buffer): void {
    if (!this.#connection.socket.write(bytes)) this.#client.pause();
  }

  clientDrained(): void {
    this.#connection.socket.resume();
  }

  /** What the client said last is still sent. */
  clientGone(): void {
    this.#connection.abandon(() => {});
  }
}
