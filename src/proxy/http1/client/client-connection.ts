import type { Socket } from 'node:net';
import { monotonicMs, REQUEST_FAULT, runSoonFor, wallMs } from '../../../kernel/index.ts';
import { bodyIsLate } from '../../body-pace.ts';
import type { ClientTransport } from '../../codec/client-transport.ts';
import type { RequestContext } from '../../context.ts';
import type { ClientSide } from '../../request/client-side.ts';
import { Exchange } from '../../request/exchange.ts';
import { readRequestHead } from '../../request/read-request-head.ts';
import { RequestBody } from '../../request/request-body.ts';
import { HeadReader } from '../head-reader.ts';
import { HttpSyntaxError } from '../syntax-error.ts';
import type { UpstreamConnection } from '../upstream/connection.ts';
import { writeSoon } from '../write-batch.ts';
import { listenToClient, type SocketEvents } from './client-socket.ts';
import { after, DiscardedBody, leavesTooMuch } from './discarded-body.ts';
import { endGently } from './end-gently.ts';
import { Following } from './following.ts';
import { type Refusal, refusalText } from './refusal.ts';
import { Tunnel } from './tunnel.ts';

/** One client's connection: its requests one after the other (RFC 9112 section 9.3). */
export class ClientConnection implements ClientSide, SocketEvents {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  readonly #socket: Socket;
  readonly #serverName: string | undefined;
  /** The plan may change between two requests of a connection. */
  readonly #context: () => RequestContext;
  readonly #reader: HeadReader;
  /** The first byte of a head that is not whole; 0 where there is none. */
  #headSinceMs = 0;
  /** A head is whole, and its request has not begun. */
  #headRead = false;
  #exchange: Exchange | undefined;
  #exchangeBeganAtMs = 0;
  #discard: DiscardedBody | undefined;
  #tunnel: Tunnel | undefined;
  readonly #following: Following;
  /** What follows waits: for the next turn of the event loop, or for the client to take its answers. */
  #waiting = false;
  #bodyPaused = false;
  #draining = false;
  /** No request is taken after the one that is served. */
  #last = false;
  /** What was written is flushed and no more comes. */
  #ending = false;
  #gone = false;
  #lastActivityMs = monotonicMs();

  constructor(socket: Socket, via: ClientTransport, context: () => RequestContext, onClosed: () => void) {
    this.#socket = socket;
    this.scheme = via.scheme;
    this.#serverName = via.scheme === 'https' ? via.serverName : undefined;
    this.address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#context = context;
    this.#reader = new HeadReader(context().bounds.maxHeadBytes);
    this.#following = new Following(socket);
    socket.setNoDelay(true);
    listenToClient(socket, this, onClosed);
  }

  get closing(): boolean {
    if (this.#last || this.#draining) return true;
    if (this.#exchange === undefined) return false;
    const { head, body } = this.#exchange;
    return leavesTooMuch(head.facts, body, this.#context().bounds.maxDiscardBytes);
  }

  closeWithAnswer(): void {
    this.#draining = true;
  }

  /** Closes it when the request that is served, or has begun to come, has its answer. */
  drain(): void {
    this.closeWithAnswer();
    if (this.#idle && !this.#waiting && !this.#reader.started) this.#closeGently();
  }

  /** Something of ours threw: the request that is served pays for it; where there is none, the connection. */
  fault(thrown: unknown): void {
    try {
      if (this.#exchange !== undefined) this.#exchange.fault(thrown);
      else {
        this.#context().faults.tell('a client connection', thrown);
        if (this.#headRead) this.#refuse({ code: REQUEST_FAULT, status: 500 });
        else this.#socket.destroy();
      }
    } catch {
      this.#socket.destroy();
    }
  }

  /** Ends what stalls; called a few times a second. What it throws is for {@link fault}. */
  sweep(nowMs: number): void {
    const { bounds } = this.#context();
    const quietMs = nowMs - this.#lastActivityMs;
    // A client that is not read from is seen to have left by writing alone.
    if (this.#bodyPaused) this.#socket.write('');
    else if (this.#exchange?.responding === false) this.#following.sweep(nowMs - this.#exchangeBeganAtMs);
    if (this.#headSinceMs > 0 && nowMs - this.#headSinceMs > bounds.headTimeoutMs) {
      this.#refuse(new HttpSyntaxError('HTTP_HEAD_TIMEOUT', 408, 'the head took too long'));
    } else if (this.#ending || this.#gone) {
      if (quietMs > bounds.flushTimeoutMs) this.#socket.destroy();
    } else if (this.#idle) {
      if (quietMs > bounds.idleTimeoutMs) this.#closeGently();
    } else if (this.#bodyIsLate(quietMs, nowMs)) {
      this.#last = true;
      if (this.#exchange === undefined) this.#closeGently();
      else this.#exchange.bodyTimeout();
    } else if (this.#socket.writableNeedDrain) {
      if (quietMs > bounds.flushTimeoutMs) this.#socket.destroy();
    } else if (this.#exchange !== undefined && quietMs > this.#exchange.streamIdleMs)
      if (this.#tunnel === undefined) this.#exchange.streamTimeout();
      else this.#socket.destroy();
  }

  write(data: string | Buffer): boolean {
    this.#lastActivityMs = monotonicMs();
    return writeSoon(this.#socket, data);
  }

  pauseBody(): void {
    this.#bodyPaused = true;
    this.#socket.pause();
  }

  resumeBody(): void {
    if (!this.#bodyPaused) return;
    this.#bodyPaused = false;
    this.#lastActivityMs = monotonicMs();
    this.#socket.resume();
  }

  done(): void {
    const { closing } = this;
    const body = this.#exchange?.body;
    this.#exchange = undefined;
    this.#bodyPaused = false;
    this.#following.resume();
    if (closing) this.#closeGently();
    else if (body?.ended === false)
      this.#discard = new DiscardedBody(body, this.#context().bounds.maxDiscardBytes);
    else if (!this.#following.none) {
      // Not by a call: a thousand pipelined requests must not nest.
      this.#waiting = true;
      runSoonFor(this, () => this.#goOn());
    }
  }

  breakOff(): void {
    this.#exchange = undefined;
    this.#tunnel?.clientGone();
    this.#closeGently();
  }

  tunnel(connection: UpstreamConnection, rest: Buffer | undefined): void {
    this.#tunnel = new Tunnel(this.#socket, connection, this);
    this.#following.resume();
    this.#tunnel.begin(rest, this.#following.take());
  }

  noteActivity(): void {
    this.#lastActivityMs = monotonicMs();
  }

  get #idle(): boolean {
    return this.#exchange === undefined && this.#discard === undefined && this.#tunnel === undefined;
  }

  /** While the server takes no more of it, that is not the client's doing. */
  #bodyIsLate(quietMs: number, nowMs: number): boolean {
    const body = this.#discard?.body ?? this.#exchange?.body;
    if (body === undefined || body.ended || this.#bodyPaused) return false;
    const answered = this.#exchange?.responding === true;
    return bodyIsLate(
      body.length,
      quietMs,
      nowMs - this.#exchangeBeganAtMs,
      answered,
      this.#context().bounds,
    );
  }

  onBytes(bytes: Buffer): void {
    this.noteActivity();
    if (this.#gone || this.#ending) return;
    if (this.#tunnel !== undefined) this.#tunnel.fromClient(bytes);
    else if (this.#waiting) this.#keepFollowing(bytes);
    else {
      try {
        this.#take(bytes);
      } catch (error) {
        if (!(error instanceof HttpSyntaxError)) throw error;
        this.#refuse(error);
      }
    }
  }

  onDrain(): void {
    this.noteActivity();
    if (this.#tunnel !== undefined) this.#tunnel.clientDrained();
    else if (this.#exchange !== undefined) this.#exchange.clientDrained();
    else if (this.#waiting) this.#goOn();
  }

  #take(bytes: Buffer): void {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined && !this.#ending) {
      if (this.#discard !== undefined) rest = this.#throwAway(this.#discard, rest);
      else if (this.#exchange === undefined) {
        // A client that takes no answers gets no more of them.
        this.#waiting = this.#socket.writableNeedDrain;
        if (this.#waiting) this.#keepFollowing(rest);
        else if (!this.#last) this.#readHead(rest);
        return;
      } else if (this.#exchange.body.ended) {
        this.#keepFollowing(rest);
        return;
      } else {
        const end = this.#exchange.body.push(rest);
        this.#following.begin(after(rest, end));
        this.#exchange.bodyProgress();
        return;
      }
    }
  }

  /** What follows the head's request is taken up when that is done, which it may be already. */
  #readHead(bytes: Buffer): void {
    const read = this.#reader.push(bytes);
    if (read === undefined) {
      if (this.#headSinceMs === 0 && this.#reader.started) this.#headSinceMs = monotonicMs();
      return;
    }
    this.#headSinceMs = 0;
    this.#headRead = true;
    const context = this.#context();
    const head = readRequestHead(read.head, context, this.#serverName);
    if (head.facts.close) this.#last = true;
    const body = new RequestBody(head.facts, context.bodies);
    if (read.rest === undefined || body.ended) this.#following.begin(read.rest);
    else this.#following.begin(after(read.rest, body.push(read.rest)));
    this.#exchange = new Exchange(context, this, head, body);
    this.#headRead = false;
    this.#exchangeBeganAtMs = this.#lastActivityMs;
    this.#exchange.begin();
  }

  #throwAway(discarded: DiscardedBody, bytes: Buffer): Buffer | undefined {
    const end = discarded.push(bytes);
    if (end !== -1) this.#discard = undefined;
    else if (discarded.tooMuch) this.#closeGently();
    return after(bytes, end);
  }

  #keepFollowing(bytes: Buffer): void {
    if (!this.#last && !this.#following.keep(bytes, this.#context().bounds.maxPipelinedBytes))
      this.#last = true;
  }

  #goOn(): void {
    this.#waiting = false;
    const following = this.#following.take();
    this.#following.resume();
    if (following !== undefined) this.onBytes(following);
    else if (this.#last) this.#closeGently();
  }

  #refuse(error: Refusal): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#headSinceMs = 0;
    this.#headRead = false;
    // The head was good, the body is not: what has been sent upstream is taken back.
    if (exchange !== undefined) exchange.clientGone();
    else this.#context().counters.count(error.status, 0);
    if (exchange?.responding !== true && this.#discard === undefined)
      this.#socket.write(refusalText(error, wallMs()));
    this.#closeGently();
  }

  #closeGently(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#discard = undefined;
    this.#following.clear();
    endGently(this.#socket);
  }

  onGone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#tunnel?.clientGone();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.clientGone();
    if (exchange !== undefined) this.#socket.destroy();
  }
}
