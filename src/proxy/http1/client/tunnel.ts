import type { Socket } from 'node:net';
import type { Payer } from '../../../kernel/index.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';

/** Whose socket it is. */
export interface TunnelOwner extends Payer {
  /** Something has come from the server. */
  noteActivity(): void;
}

/** Two sockets that became one after an upgrade (RFC 9110 section 7.8): either side's back-pressure and end reach the other. */
export class Tunnel {
  readonly #client: Socket;
  readonly #connection: UpstreamConnection;

  constructor(client: Socket, connection: UpstreamConnection, owner: TunnelOwner) {
    this.#client = client;
    this.#connection = connection;
    connection.user = {
      onData(bytes) {
        owner.noteActivity();
        if (!client.write(bytes)) connection.socket.pause();
      },
      onDrain: () => client.resume(),
      onClosed: () => client.destroySoon(),
      fault: thrown => owner.fault(thrown),
    };
  }

  /** @param rest what the server has sent already @param following what the client has */
  begin(rest: Buffer | undefined, following: Buffer | undefined): void {
    if (rest !== undefined) this.#client.write(rest);
    if (following !== undefined) this.fromClient(following);
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
