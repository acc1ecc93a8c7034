import type { ConnectionOptions } from 'node:tls';
import { type Payer, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import { type CallEvents, type CallOptions, GrpcClientCall } from './client-call.ts';
import { authorityOf, NodeHttp2Client } from './node-http2-client.ts';
import type { ClientConnectionUser, ClientTransport } from './transport.ts';

export interface GrpcConnectionOwner extends Payer {
  /** Told why there is no connection, or none any more. */
  lost(reason: string): void;
}

export interface GrpcServerAddress {
  readonly address: string;
  readonly port: number;
  /** Undefined: plain text. The server's certificate is not looked at. */
  readonly tls: ConnectionOptions | undefined;
}

/** Opened, with all that is said to a server in TLS and HTTP/2, within this. */
const CONNECT_TIMEOUT_MS = 1000;
/** Doubled with each failure that follows. */
const BACKOFF_MS = { first: 50, most: 1000 };
/** For the answer to a ping. */
const PING_TIMEOUT_MS = 2000;

/**
 * A connection to a server for many calls. It is opened at once, and again when it is lost, slower as long as that fails.
 *
 *     connecting ──▶ open ──GOAWAY, loss──▶ connecting
 *         └─failure─▶ waiting ─────────────────▲
 */
export class GrpcConnection {
  /** ADDRESS:PORT */
  readonly authority: string;
  readonly #at: GrpcServerAddress;
  readonly #owner: GrpcConnectionOwner;
  #transport: ClientTransport | undefined;
  #open = false;
  #failures = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(at: GrpcServerAddress, owner: GrpcConnectionOwner) {
    this.#at = at;
    this.#owner = owner;
    this.authority = authorityOf(at.address, at.port);
    this.#connect();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Calls wait for it while it is being opened. False after a failure, until the next attempt. */
  get takesCalls(): boolean {
    return this.#transport !== undefined;
  }

  /** @returns undefined where it takes none. @throws Error where the connection was lost, and its event has not come yet */
  call(options: CallOptions, events: CallEvents): GrpcClientCall | undefined {
    return this.#transport && new GrpcClientCall(this.#transport, this.authority, options, events);
  }

  /** Something that was asked over it was not answered: does it still live? */
  probe(): void {
    const transport = this.#transport;
    if (transport === undefined || !this.#open) return;
    const timer = startTimerFor(this.#owner, PING_TIMEOUT_MS, () => transport.destroy());
    timer.unref();
    transport.ping(() => stopTimer(timer));
  }

  /** Closes it after the calls that are open. */
  close(): void {
    this.#closed = true;
    stopTimer(this.#timer);
    const transport = this.#transport;
    this.#transport = undefined;
    if (this.#open) transport?.goAway();
    else transport?.destroy();
    this.#open = false;
  }

  #connect(): void {
    const attempt = new Attempt(this.#owner, {
      spoke: () => {
        this.#open = true;
        this.#failures = 0;
      },
      gone: reason => this.#gone(reason),
    });
    this.#open = false;
    this.#transport = attempt.to(this.#at);
  }

  #gone(reason: string): void {
    if (this.#closed) return;
    this.#transport = undefined;
    this.#open = false;
    const delayMs = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(this.#failures++, 10));
    this.#timer = startTimerFor(this.#owner, delayMs, () => this.#connect());
    this.#timer.unref();
    this.#owner.lost(reason);
  }
}

interface AttemptEvents {
  spoke(): void;
  /** Once and last. */
  gone(reason: string): void;
}

/** One connection of those that follow one another. */
class Attempt implements ClientConnectionUser {
  readonly #owner: Payer;
  readonly #events: AttemptEvents;
  #timer: Timer | undefined;
  #timedOut = false;
  #gone = false;

  constructor(owner: Payer, events: AttemptEvents) {
    this.#owner = owner;
    this.#events = events;
  }

  to(at: GrpcServerAddress): ClientTransport {
    const transport = new NodeHttp2Client(at, this);
    this.#timer = startTimerFor(this.#owner, CONNECT_TIMEOUT_MS, () => {
      this.#timedOut = true;
      transport.destroy();
    });
    this.#timer.unref();
    return transport;
  }

  spoke(): void {
    stopTimer(this.#timer);
    if (!this.#gone) this.#events.spoke();
  }

  /** What is open goes on there, the next call elsewhere. */
  goingAway(): void {
    this.#end('it takes no more calls (GOAWAY)');
  }

  closed(reason = 'the connection was closed'): void {
    stopTimer(this.#timer);
    this.#end(this.#timedOut ? `no HTTP/2 within ${CONNECT_TIMEOUT_MS} ms` : reason);
  }

  fault(thrown: unknown): void {
    this.#owner.fault(thrown);
  }

  #end(reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events.gone(reason);
  }
}
