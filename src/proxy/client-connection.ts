import type { Socket } from 'node:net';
import { monotonicMs } from '../limits/index.ts';
import type { ClientTransport } from './client-transport.ts';
import type { RequestContext } from './context.ts';
import { DiscardedBody, leavesTooMuch } from './discarded-body.ts';
import { endGently } from './end-gently.ts';
import { HeadReader } from './http1/head-reader.ts';
import { parseRequestHead } from './http1/request-head.ts';
import { HttpSyntaxError } from './http1/syntax-error.ts';
import { refusalText } from './refusal.ts';
import type { ClientSide } from './request/client-side.ts';
import { Exchange } from './request/exchange.ts';
import { RequestBody } from './request/request-body.ts';
import { isMisdirected } from './route/misdirected.ts';
import { Tunnel } from './tunnel.ts';
import type { UpstreamConnection } from './upstream/connection.ts';
import { writeSoon } from './write-batch.ts';

/** One client's connection: its requests one after the other (RFC 9112 section 9.3). */
export class ClientConnection implements ClientSide {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  readonly #socket: Socket;
  readonly #serverName: string | undefined;
  /** The plan may change between two requests of a connection. */
  readonly #context: () => RequestContext;
  readonly #reader: HeadReader;
  /** The first byte of a head that is not whole; 0 where there is none. */
  #headSinceMs = 0;
  #exchange: Exchange | undefined;
  #exchangeBeganAtMs = 0;
  #discard: DiscardedBody | undefined;
  #tunnel: Tunnel | undefined;
  /** The bytes of requests that follow the one that is served. */
  #following: Buffer | undefined;
  /** They wait: for the next turn of the event loop, or for the client to take its answers. */
  #waiting = false;
  #bodyPaused = false;
  #draining = false;
  /** No request is taken after the one that is served. */
  #last = false;
  /** What was written is flushed and no more comes. */
  #ending = false;
  #gone = false;
  #lastActivityMs = monotonicMs();

  constructor(socket: Socket, via: ClientTransport, context: () => RequestContext, onGone: () => void) {
    this.#socket = socket;
    this.scheme = via.scheme;
    this.#serverName = via.scheme === 'https' ? via.serverName : undefined;
    this.address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#context = context;
    this.#reader = new HeadReader(context().bounds.maxHeadBytes);
    socket.setNoDelay(true);
    socket.on('data', bytes => this.#onBytes(bytes));
    socket.on('drain', () => this.#onDrain());
    // A client that half-closes is gone, as for Envoy: nothing else tells of a client that left.
    socket.on('end', () => this.#onGone());
    socket.on('error', () => this.#onGone());
    socket.on('close', () => {
      this.#onGone();
      onGone();
    });
  }

  get closing(): boolean {
    if (this.#last || this.#draining) return true;
    if (this.#exchange === undefined) return false;
    const { head, body } = this.#exchange;
    return leavesTooMuch(head.facts, body, this.#context().bounds.maxDiscardBytes);
  }

  /** Closes it with the next answer, which says so. */
  closeWithAnswer(): void {
    this.#draining = true;
  }

  /** Closes it when the request that is served, or has begun to come, has its answer. */
  drain(): void {
    this.closeWithAnswer();
    if (this.#idle && !this.#waiting && !this.#reader.started) this.#closeGently();
  }

  /** Ends what stalls; called a few times a second. */
  sweep(nowMs: number): void {
    const { bounds } = this.#context();
    const quietMs = nowMs - this.#lastActivityMs;
    // A client that is not read from is seen to have left by writing alone.
    if (this.#bodyPaused) this.#socket.write('');
    if (this.#headSinceMs > 0 && nowMs - this.#headSinceMs > bounds.headTimeoutMs) {
      this.#refuse(new HttpSyntaxError('HTTP_HEAD_TIMEOUT', 408, 'the head took too long'));
    } else if (this.#ending || this.#gone || this.#tunnel !== undefined) {
      if (quietMs > bounds.streamIdleTimeoutMs) this.#socket.destroy();
    } else if (this.#idle) {
      if (quietMs > bounds.idleTimeoutMs) this.#closeGently();
    } else if (this.#bodyIsLate(quietMs, nowMs)) {
      this.#last = true;
      if (this.#exchange === undefined) this.#closeGently();
      else this.#exchange.bodyTimeout();
    } else if (quietMs > bounds.streamIdleTimeoutMs) {
      if (this.#socket.writableNeedDrain) this.#socket.destroy();
      else this.#exchange?.streamTimeout();
    }
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
    this.#socket.resume();
    if (closing) this.#closeGently();
    else if (body?.ended === false)
      this.#discard = new DiscardedBody(body, this.#context().bounds.maxDiscardBytes);
    else this.#next();
  }

  breakOff(): void {
    this.#exchange = undefined;
    this.#closeGently();
  }

  tunnel(connection: UpstreamConnection, rest: Buffer | undefined): void {
    this.#tunnel = new Tunnel(this.#socket, connection, () => {
      this.#lastActivityMs = monotonicMs();
    });
    if (rest !== undefined) this.#socket.write(rest);
    const following = this.#following;
    this.#following = undefined;
    this.#socket.resume();
    if (following !== undefined) this.#tunnel.fromClient(following);
  }

  get #idle(): boolean {
    return this.#exchange === undefined && this.#discard === undefined && this.#tunnel === undefined;
  }

  /** It stalls, or comes so slowly that it never ends; while the server takes no more of it, that is not the client's doing. */
  #bodyIsLate(quietMs: number, nowMs: number): boolean {
    const body = this.#discard?.body ?? this.#exchange?.body;
    if (body === undefined || body.ended || this.#bodyPaused) return false;
    const { bodyIdleTimeoutMs, bodyTimeoutMs, minBodyBytesPerMs } = this.#context().bounds;
    if (quietMs > bodyIdleTimeoutMs) return true;
    if (this.#exchange?.responding === true) return false;
    return nowMs - this.#exchangeBeganAtMs > bodyTimeoutMs + body.length / minBodyBytesPerMs;
  }

  #onBytes(bytes: Buffer): void {
    this.#lastActivityMs = monotonicMs();
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

  #onDrain(): void {
    this.#lastActivityMs = monotonicMs();
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
        this.#following = after(rest, end);
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
    const context = this.#context();
    const head = parseRequestHead(read.head, context.bounds.maxHeaders);
    if (this.#serverName !== undefined && isMisdirected(context.hosts, this.#serverName, head.authority))
      throw new HttpSyntaxError('HTTP_MISDIRECTED', 421, 'another host was named in the TLS handshake');
    if (head.facts.close) this.#last = true;
    const body = new RequestBody(head.facts);
    this.#following = read.rest;
    if (read.rest !== undefined && !body.ended) this.#following = after(read.rest, body.push(read.rest));
    this.#exchange = new Exchange(context, this, head, body);
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
    this.#following = this.#following === undefined ? bytes : Buffer.concat([this.#following, bytes]);
    if (this.#following.length > this.#context().bounds.maxPipelinedBytes) this.#socket.pause();
  }

  #next(): void {
    if (this.#following === undefined) return;
    // Not by a call: a thousand pipelined requests must not nest.
    this.#waiting = true;
    setImmediate(() => this.#goOn());
  }

  #goOn(): void {
    this.#waiting = false;
    const following = this.#following;
    this.#following = undefined;
    this.#socket.resume();
    if (following !== undefined) this.#onBytes(following);
  }

  #refuse(error: HttpSyntaxError): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#headSinceMs = 0;
    // The head was good, the body is not: what has been sent upstream is taken back.
    if (exchange !== undefined) exchange.clientGone();
    else this.#context().counters.count(error.status, 0);
    if (exchange?.responding !== true && this.#discard === undefined)
      this.#socket.write(refusalText(error, Date.now()));
    this.#closeGently();
  }

  #closeGently(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#discard = undefined;
    this.#following = undefined;
    endGently(this.#socket);
  }

  #onGone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#tunnel?.clientGone();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.clientGone();
    if (exchange !== undefined) this.#socket.destroy();
  }
}

/** @param end index after a body's last byte in `bytes`, -1 where it goes on */
function after(bytes: Buffer, end: number): Buffer | undefined {
  return end === -1 || end === bytes.length ? undefined : bytes.subarray(end);
}
