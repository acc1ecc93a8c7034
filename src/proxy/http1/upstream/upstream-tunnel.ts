import { type Payer, runFor } from '../../../kernel/index.ts';
import type { ServerTunnel, TunnelReader } from '../../codec/server-tunnel.ts';
import type { ConnectionUser, UpstreamConnection } from './upstream-connection.ts';

/** A connection after its server has agreed to an upgrade (RFC 9110 section 7.8). */
export class UpstreamTunnel implements ServerTunnel, ConnectionUser {
  readonly #connection: UpstreamConnection;
  readonly #rest: Buffer | undefined;
  #reader: TunnelReader | undefined;

  /** @param rest what has come after the head */
  constructor(connection: UpstreamConnection, rest: Buffer | undefined) {
    this.#connection = connection;
    this.#rest = rest;
  }

  begin(reader: TunnelReader): void {
    this.#reader = reader;
    this.#connection.user = this;
    if (this.#rest !== undefined) this.onData(this.#rest);
  }

  write(bytes: Buffer): boolean {
    return this.#connection.socket.write(bytes);
  }

  pause(): void {
    this.#connection.socket.pause();
  }

  resume(): void {
    this.#connection.socket.resume();
  }

  end(): void {
    this.#connection.abandon(() => {});
  }

  destroy(): void {
    this.#connection.destroy();
  }

  whenClosed(payer: Payer, closed: () => void): void {
    this.#connection.socket.once('close', () => runFor(payer, closed));
  }

  onData(bytes: Buffer): void {
    if (this.#reader?.data(bytes) === false) this.pause();
  }

  onDrain(): void {
    this.#reader?.drained();
  }

  onClosed(): void {
    this.#reader?.closed();
  }

  fault(thrown: unknown): void {
    this.#reader?.fault(thrown);
  }
}
