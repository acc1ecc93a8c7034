import type { Socket } from 'node:net';
import type { Payer } from '../../../kernel/index.ts';
import type { ServerTunnel, TunnelReader } from '../../codec/server-tunnel.ts';

/** Whose socket it is. */
export interface TunnelOwner extends Payer {
  /** Something has come from the server. */
  noteActivity(): void;
}

/** A client's socket and a server's side that became one after an upgrade (RFC 9110 section 7.8): back-pressure and end reach the other. */
export class Tunnel implements TunnelReader {
  readonly #client: Socket;
  readonly #server: ServerTunnel;
  readonly #owner: TunnelOwner;

  constructor(client: Socket, server: ServerTunnel, owner: TunnelOwner) {
    this.#client = client;
    this.#server = server;
    this.#owner = owner;
  }

  /** @param following what the client has sent already */
  begin(following: Buffer | undefined): void {
    this.#server.begin(this);
    if (following !== undefined) this.fromClient(following);
  }

  fromClient(bytes: Buffer): void {
    if (!this.#server.write(bytes)) this.#client.pause();
  }

  clientDrained(): void {
    this.#server.resume();
  }

  /** What the client said last is still sent. */
  clientGone(): void {
    this.#server.end();
  }

  data(bytes: Buffer): boolean {
    this.#owner.noteActivity();
    return this.#client.write(bytes);
  }

  drained(): void {
    this.#client.resume();
  }

  closed(): void {
    this.#client.destroySoon();
  }

  fault(thrown: unknown): void {
    this.#owner.fault(thrown);
  }
}
