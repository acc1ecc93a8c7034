import { startTimerFor, stopTimer, type Timer } from '../../../kernel/index.ts';
import type { LimitName } from '../../../limits/index.ts';
import type { Address, FailureKind, StaleConnection } from '../../../request/index.ts';
import { type EventPosition, positionIn } from '../../codec/event-position.ts';
import { HeadReader } from '../head-reader.ts';
import { parseResponseHead, type ResponseHead } from '../response-head.ts';
import { HttpSyntaxError } from '../syntax-error.ts';
import { writeSoon } from '../write-batch.ts';
import { ChunkRelay } from './chunk-relay.ts';
import type { UpstreamConnection } from './connection.ts';
import type { ConnectionPool } from './connection-pool.ts';
import type { ResponseFraming, TryEvents, TryOptions } from './try-events.ts';
import type { ConnectionWaiter } from './waiter.ts';

/** A server that sends nothing but 1xx never answers. */
const MAX_INTERIM = 32;

/** One try of a request at one endpoint: connection, request head, response framing. */
export class UpstreamTry implements ConnectionWaiter {
  readonly target: Address;
  readonly fresh: boolean;
  cancelled = false;
  /** The request's last byte has been written. */
  requestEnded: boolean;
  readonly #pool: ConnectionPool;
  readonly #events: TryEvents;
  readonly #options: TryOptions;
  #connection: UpstreamConnection | undefined;
  #reader: HeadReader | undefined;
  #head: ResponseHead | undefined;
  #framing: ResponseFraming = 'none';
  #remaining = 0;
  #interim = 0;
  #chunks: ChunkRelay | undefined;
  #position: EventPosition | undefined;
  #timer: Timer | undefined;
  #over = false;
  #anyAnswer = false;

  constructor(target: Address, pool: ConnectionPool, events: TryEvents, options: TryOptions) {
    this.target = target;
    this.#pool = pool;
    this.#events = events;
    this.#options = options;
    this.fresh = options.fresh;
    this.requestEnded = options.wholeRequest;
  }

  start(): void {
    this.#pool.get(this);
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** An event may be put into the answer: what was passed on ends with a whole one. */
  get betweenEvents(): boolean {
    if (this.#chunks !== undefined) return this.#chunks.betweenEvents;
    return this.#framing === 'close' && this.#position?.between === true;
  }

  /**
   * The request is over for another reason; the connection cannot be used again.
   * @param onGone called when the server is done with the request too, as far as can be known
   */
  cancel(onGone: () => void): void {
    const wasOver = this.#over;
    this.#over = true;
    stopTimer(this.#timer);
    if (!wasOver && this.#connection === undefined) this.#pool.cancel(this);
    if (wasOver || this.#connection === undefined) onGone();
    else this.#connection.abandon(onGone);
  }

  /** @returns false when the server takes no more for now */
  write(bytes: Buffer | string): boolean {
    return this.#connection === undefined ? false : writeSoon(this.#connection.socket, bytes);
  }

  pause(): void {
    if (!this.#over) this.#connection?.socket.pause();
  }

  resume(): void {
    if (!this.#over) this.#connection?.socket.resume();
  }

  admit(): boolean {
    // Over while it is decided: a refusal must not cancel what the pool is about to give.
    this.#over = true;
    try {
      this.#over = !this.#events.admit();
    } catch (thrown) {
      this.fault(thrown);
    }
    return !this.#over;
  }

  refused(limit: LimitName): void {
    this.#over = true;
    try {
      this.#events.refused(limit);
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  failed(error: Error): void {
    const code = (error as NodeJS.ErrnoException).code;
    try {
      if (code === 'ETIMEDOUT') this.#fail('connect-timeout', 'connection timeout');
      else this.#fail('connect-failure', code === 'ECONNREFUSED' ? 'Connection refused' : error.message);
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  granted(connection: UpstreamConnection): void {
    try {
      this.#send(connection);
    } catch (thrown) {
      this.fault(thrown);
    }
  }

  fault(thrown: unknown): void {
    stopTimer(this.#timer);
    try {
      this.#events.fault(thrown);
    } finally {
      this.#over = true;
      if (this.#connection?.user === this) this.#connection.destroy();
    }
  }

  #send(connection: UpstreamConnection): void {
    this.#connection = connection;
    this.#reader = new HeadReader(this.#options.maxHeadBytes);
    connection.user = this;
    if (this.#options.timeoutMs > 0) {
      this.#timer = startTimerFor(this, this.#options.timeoutMs, () =>
        this.#fail('timeout', 'per-try timeout'),
      );
    }
    const { firstWrite } = this.#options;
    if (typeof firstWrite === 'string') writeSoon(connection.socket, firstWrite);
    else for (const bytes of firstWrite) writeSoon(connection.socket, bytes);
    this.#events.sent();
  }

  onDrain(): void {
    this.#events.drained();
  }

  onClosed(error: Error | undefined): void {
    if (this.#over) return;
    if (this.#head !== undefined && this.#framing === 'close' && error === undefined) {
      this.#finish(undefined);
      this.#events.flush();
    } else this.#fail('reset', error?.message ?? 'connection closed');
  }

  onData(bytes: Buffer): void {
    this.#anyAnswer = true;
    let rest: Buffer | undefined = bytes;
    try {
      while (this.#head === undefined) {
        const read: ReturnType<HeadReader['push']> = this.#reader?.push(rest);
        if (read === undefined) return;
        rest = read.rest;
        if (!this.#onHead(parseResponseHead(read.head, this.#options.maxHeaders), rest)) return;
        if (rest === undefined) break;
      }
      if (!this.#over && this.#head !== undefined && rest !== undefined) this.#onBody(rest);
    } catch (error) {
      // What the server sent is its fault; all else is ours.
      if (!(error instanceof HttpSyntaxError)) throw error;
      this.#fail('protocol-error', error.message);
    }
    this.#events.flush();
  }

  /** @returns false when this was the last of it */
  #onHead(head: ResponseHead, rest: Buffer | undefined): boolean {
    const { status, facts } = head;
    if (status === 101) {
      if (!this.#options.upgrade) throw new HttpSyntaxError('HTTP_UPGRADE', 400, '101 was not asked for');
      this.#over = true;
      stopTimer(this.#timer);
      this.#events.upgraded(head, this.#connection as UpstreamConnection, rest);
      return false;
    }
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM) throw new HttpSyntaxError('HTTP_INTERIM', 400, 'too many are 1xx');
      return true;
    }
    this.#head = head;
    if (this.#options.timeoutUntil === 'head') stopTimer(this.#timer);
    if (this.#options.method === 'HEAD' || status === 204 || status === 304) this.#framing = 'none';
    else if (facts.chunked) {
      this.#framing = 'chunked';
      this.#position = positionIn(head);
      this.#chunks = new ChunkRelay(this.#position, facts.connectionNames);
    } else if (facts.contentLength >= 0) {
      this.#framing = facts.contentLength === 0 ? 'none' : 'length';
      this.#remaining = facts.contentLength;
    } else {
      this.#framing = 'close';
      this.#position = positionIn(head);
    }
    this.#events.response(head, this.#framing);
    if (this.#framing === 'none' && !this.#over) {
      // Bytes after the end belong to nobody: not a connection to use again.
      this.#finish(undefined, rest === undefined);
    }
    return true;
  }

  #onBody(bytes: Buffer): void {
    switch (this.#framing) {
      case 'none':
        return;
      case 'close':
        this.#position?.push(bytes, 0, bytes.length);
        this.#events.data(bytes, false);
        return;
      case 'length': {
        if (bytes.length < this.#remaining) {
          this.#remaining -= bytes.length;
          this.#events.data(bytes, false);
          return;
        }
        const exact = bytes.length === this.#remaining;
        this.#finish(exact ? bytes : bytes.subarray(0, this.#remaining), exact);
        return;
      }
      case 'chunked': {
        const chunks = this.#chunks as ChunkRelay;
        const pass = chunks.push(bytes);
        if (chunks.end !== -1) this.#finish(pass, chunks.end === bytes.length);
        else if (pass !== undefined) this.#events.data(pass, false);
      }
    }
  }

  #finish(last: Buffer | undefined, exact = true): void {
    this.#over = true;
    stopTimer(this.#timer);
    const head = this.#head as ResponseHead;
    const reusable =
      exact &&
      this.requestEnded &&
      this.#framing !== 'close' &&
      !head.facts.close &&
      (!head.http10 || head.facts.keepAlive);
    // The permit first: whoever waits for this connection needs one. Then the connection, before the client's next request.
    this.#events.ended();
    if (head.facts.keepAliveSeconds >= 0) this.#connection?.keepFor(head.facts.keepAliveSeconds);
    this.#pool.release(this.#connection as UpstreamConnection, reusable);
    this.#events.data(last, true);
  }

  #fail(kind: FailureKind, detail: string): void {
    if (this.#over) return;
    this.#over = true;
    stopTimer(this.#timer);
    const stale = kind === 'reset' ? this.#staleness() : 'no';
    this.#connection?.destroy();
    this.#events.failed(kind, detail, stale);
  }

  /** A server that closes a connection as a request comes has not looked at that. */
  #staleness(): StaleConnection {
    const connection = this.#connection;
    if (connection === undefined || connection.requests < 2 || this.#anyAnswer) return 'no';
    return connection.unsent ? 'unsent' : 'sent';
  }
}
