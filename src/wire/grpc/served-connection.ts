import { type Payer, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import type { Client } from './server-call.ts';
import type { ServerConnection, ServerConnectionUser, ServerStream } from './transport.ts';

export interface KeepaliveOptions {
  readonly handshakeTimeoutMs: number;
  /** From the beginning of HTTP/2 to the first call; undefined: a connection may wait for ever. */
  readonly firstCallMs?: number | undefined;
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
}

/** To read what came while this process did nothing. */
const READ_MS = 100;

/** Who has taken the connection. */
export interface ConnectionOwner extends Payer {
  called(stream: ServerStream, client: Client): void;
  /** What came over it cannot be served. */
  badInput(peer: string, reason: string): void;
  lost(connection: ServedConnection): void;
}

/** A client's connection: it must begin to speak HTTP/2 in time, make a call where one is expected, and answer pings. */
export class ServedConnection implements ServerConnectionUser {
  readonly #connection: ServerConnection;
  readonly #client: Client;
  readonly #options: KeepaliveOptions;
  readonly #owner: ConnectionOwner;
  #timer: Timer;
  #firstCall: Timer | undefined;
  /** It has made a call, or it was said why it is of no use. */
  #known = false;

  constructor(
    connection: ServerConnection,
    uris: readonly string[] | undefined,
    options: KeepaliveOptions,
    owner: ConnectionOwner,
  ) {
    this.#connection = connection;
    this.#client = { peer: connection.peer, uris };
    this.#options = options;
    this.#owner = owner;
    const { handshakeTimeoutMs: ms } = options;
    this.#timer = this.#deadline(ms, `no HTTP/2 within ${ms} ms`);
  }

  /** GOAWAY: the client opens its next streams elsewhere. */
  drain(): void {
    this.#connection.goAway();
  }

  destroy(): void {
    this.#known = true;
    this.#connection.destroy();
  }

  spoke(): void {
    this.#idle();
    const { firstCallMs: ms } = this.#options;
    if (ms !== undefined && !this.#known)
      this.#firstCall = this.#deadline(ms, `no gRPC call within ${ms} ms`);
  }

  called(stream: ServerStream): void {
    this.#known = true;
    if (this.#firstCall !== undefined) stopTimer(this.#firstCall);
    this.#firstCall = undefined;
    this.#owner.called(stream, this.#client);
  }

  failed(reason: string): void {
    this.#known = true;
    this.#owner.badInput(this.#client.peer, reason);
  }

  closed(): void {
    stopTimer(this.#timer);
    stopTimer(this.#firstCall);
    if (!this.#known && this.#options.firstCallMs !== undefined) this.failed('it made no gRPC call');
    this.#owner.lost(this);
  }

  #idle(): void {
    stopTimer(this.#timer);
    this.#timer = startTimerFor(this.#owner, this.#options.keepaliveMs, () => this.#ping());
    this.#timer.unref();
  }

  /** RFC 9113 section 6.7. A gateway that died without a word is found out by it. */
  #ping(): void {
    const { keepaliveTimeoutMs: ms } = this.#options;
    this.#timer = this.#deadline(ms, `no answer to a ping within ${ms} ms`);
    this.#connection.ping(() => this.#idle());
  }

  #deadline(ms: number, reason: string): Timer {
    const over = () => {
      this.failed(reason);
      this.destroy();
    };
    // Where this process itself was late, what it waits for may have come: timers run before what has come is read.
    const timer = startTimerFor(this.#owner, ms, () => {
      const last = startTimerFor(this.#owner, READ_MS, over).unref();
      if (this.#timer === timer) this.#timer = last;
      else this.#firstCall = last;
    });
    return timer.unref();
  }
}
