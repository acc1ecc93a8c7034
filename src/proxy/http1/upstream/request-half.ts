import { stopTimer, type Timer } from '../../../kernel/index.ts';
import type { LimitName } from '../../../limits/index.ts';
import type { Address, FailureKind, StaleConnection } from '../../../request/index.ts';
import type { UpstreamEvents } from '../../codec/upstream-events.ts';
import type { TryOptions } from '../../codec/upstream-stream.ts';
import { lastChunk } from '../trailers.ts';
import { writeSoon } from '../write-batch.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { ConnectionSource, ConnectionWaiter } from './waiter.ts';

const NO_FIELDS: readonly string[] = [];

/** The first half of a try: the wait for a connection, and what is written to it. */
export abstract class RequestHalf implements ConnectionWaiter {
  readonly target: Address;
  readonly fresh: boolean;
  cancelled = false;
  /** The request's last byte has been written. */
  requestEnded: boolean;
  protected readonly pool: ConnectionSource;
  protected readonly events: UpstreamEvents;
  protected readonly options: TryOptions;
  protected connection: UpstreamConnection | undefined;
  protected timer: Timer | undefined;
  protected over = false;
  protected anyAnswer = false;
  /** After a body that is streamed. */
  #trailers: readonly string[] = NO_FIELDS;

  constructor(target: Address, pool: ConnectionSource, events: UpstreamEvents, options: TryOptions) {
    this.target = target;
    this.pool = pool;
    this.events = events;
    this.options = options;
    this.fresh = options.fresh;
    this.requestEnded = options.request.whole;
  }

  /** The connection is the try's from now on. */
  protected abstract send(connection: UpstreamConnection): void;

  /** It is the user of its connection. */
  protected abstract get uses(): boolean;

  start(): void {
    this.pool.get(this);
  }

  get connected(): boolean {
    return this.connection !== undefined;
  }

  /** The connection cannot be used again. */
  cancel(onGone: () => void): void {
    const wasOver = this.over;
    this.over = true;
    stopTimer(this.timer);
    if (!wasOver && this.connection === undefined) this.pool.cancel(this);
    if (wasOver || this.connection === undefined) onGone();
    else this.connection.abandon(onGone);
  }

  /** In a chunk (RFC 9112 section 7.1) where the body's length was not known. */
  data(bytes: Buffer): boolean {
    if (this.connection === undefined) return false;
    const { socket } = this.connection;
    if (this.options.request.bodyLength !== -1) return writeSoon(socket, bytes);
    writeSoon(socket, `${bytes.length.toString(16)}\r\n`);
    writeSoon(socket, bytes);
    return writeSoon(socket, '\r\n');
  }

  trailers(fields: readonly string[]): void {
    this.#trailers = fields;
  }

  end(): void {
    this.requestEnded = true;
    if (this.connection !== undefined && this.options.request.bodyLength === -1)
      writeSoon(this.connection.socket, lastChunk(this.#trailers));
  }

  pause(): void {
    if (!this.over) this.connection?.socket.pause();
  }

  resume(): void {
    if (!this.over) this.connection?.socket.resume();
  }

  admit(): boolean {
    // Over while it is decided: a refusal must not cancel what the pool is about to give.
    this.over = true;
    try {
      this.over = !this.events.admit();
    } catch (thrown) {
      this.fault(thrown);
    }
    return !this.over;
  }

  refused(limit: LimitName): void {
    this.over = true;
    try {
      this.events.refused(limit);
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  failed(error: Error): void {
    const code = (error as NodeJS.ErrnoException).code;
    try {
      if (code === 'ETIMEDOUT') this.fail('connect-timeout', 'connection timeout');
      else this.fail('connect-failure', code === 'ECONNREFUSED' ? 'Connection refused' : error.message);
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  granted(connection: UpstreamConnection): void {
    try {
      this.send(connection);
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  fault(thrown: unknown): void {
    stopTimer(this.timer);
    try {
      this.events.fault(thrown);
    } finally {
      this.over = true;
      if (this.uses) this.connection?.destroy();
    }
  }

  protected fail(kind: FailureKind, detail: string): void {
    if (this.over) return;
    this.over = true;
    stopTimer(this.timer);
    const stale = kind === 'reset' ? this.#staleness() : 'no';
    this.connection?.destroy();
    this.events.failed(kind, detail, stale);
  }

  /** A server that closes a connection as a request comes has not looked at that. */
  #staleness(): StaleConnection {
    const { connection } = this;
    if (connection === undefined || connection.requests < 2 || this.anyAnswer) return 'no';
    return connection.unsent ? 'unsent' : 'sent';
  }
}
