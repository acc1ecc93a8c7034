import type { Socket } from 'node:net';
import { monotonicMs, REQUEST_FAULT, runSoonFor, wallMs } from '../../../kernel/index.ts';
import type { ClientConnection } from '../../codec/client-codec.ts';
import type { ClientStream } from '../../codec/client-stream.ts';
import type { ClientTransport } from '../../codec/client-transport.ts';
import type { Serve, ServedRequest } from '../../codec/served-request.ts';
import type { ServerTunnel } from '../../codec/server-tunnel.ts';
import type { RequestContext } from '../../request-context.ts';
import { HeadReader } from '../head-reader.ts';
import { HttpSyntaxError } from '../syntax-error.ts';
import { BodyReading } from './body-reading.ts';
import { listenToClient, type SocketEvents } from './client-socket.ts';
import { after, DiscardedBody } from './discarded-body.ts';
import { endGently } from './end-gently.ts';
import { Following } from './following.ts';
import { FramedBody } from './framed-body.ts';
import { readRequestHead } from './read-request-head.ts';
import { type Refusal, refusalText } from './refusal.ts';
import { Tunnel } from './tunnel.ts';

/** One client's connection: its requests one after the other (RFC 9112 section 9.3). */
export class Http1Connection extends BodyReading implements ClientConnection, ClientStream, SocketEvents {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  readonly #serverName: string | undefined;
  readonly #context: () => RequestContext;
  readonly #serve: Serve;
  readonly #reader: HeadReader;
  /** The first byte of a head that is not whole; 0 where there is none. */
  #headSinceMs = 0;
  /** A head is whole, and its request has not begun. */
  #headRead = false;
  #exchange: ServedRequest | undefined;
  #exchangeBeganAtMs = 0;
  #tunnel: Tunnel | undefined;
  readonly #following: Following;
  /** What follows waits: for the next turn of the event loop, or for the client to take its answers. */
  #waiting = false;
  #draining = false;
  /** No request is taken after the one that is served. */
  #last = false;
  /** What was written is flushed and no more comes. */
  #ending = false;
  #gone = false;

  constructor(
    socket: Socket,
    via: ClientTransport,
    context: () => RequestContext,
    serve: Serve,
    onClosed: () => void,
  ) {
    super(socket);
    this.#serve = serve;
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
    return this.leavesTooMuch(this.#context().bounds.maxDiscardBytes);
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
        if (this.#headRead) this.#refuse({ code: REQUEST_FAULT, status: 500, message: 'the gateway failed' });
        else this.socket.destroy();
      }
    } catch {
      this.socket.destroy();
    }
  }

  /** Ends what stalls; called a few times a second. What it throws is for {@link fault}. */
  sweep(nowMs: number): void {
    const { bounds } = this.#context();
    const quietMs = nowMs - this.lastActivityMs;
    // A client that is not read from is seen to have left by writing alone.
    if (this.bodyPaused) this.socket.write('');
    else if (this.#exchange?.responding === false) this.#following.sweep(nowMs - this.#exchangeBeganAtMs);
    if (this.#headSinceMs > 0 && nowMs - this.#headSinceMs > bounds.headTimeoutMs) {
      this.#refuse(new HttpSyntaxError('HTTP_HEAD_TIMEOUT', 408, 'the head took too long'));
    } else if (this.#ending || this.#gone) {
      if (quietMs > bounds.flushTimeoutMs) this.socket.destroy();
    } else if (this.#idle) {
      if (quietMs > bounds.idleTimeoutMs) this.#closeGently();
    } else if (
      this.bodyIsLate(quietMs, nowMs - this.#exchangeBeganAtMs, this.#exchange?.responding === true, bounds)
    ) {
      this.#last = true;
      if (this.#exchange === undefined) this.#closeGently();
      else this.#exchange.bodyTimeout();
    } else if (this.socket.writableNeedDrain) {
      if (quietMs > bounds.flushTimeoutMs) this.socket.destroy();
    } else if (this.#exchange !== undefined && quietMs > this.#exchange.streamIdleMs)
      if (this.#tunnel === undefined) this.#exchange.streamTimeout();
      else this.socket.destroy();
  }

  end(): void {
    this.finish();
    const { closing } = this;
    const body = this.body;
    this.#leave();
    this.bodyPaused = false;
    this.#following.resume();
    if (closing) this.#closeGently();
    else if (body?.ended === false)
      this.discard = new DiscardedBody(body, this.#context().bounds.maxDiscardBytes);
    else if (!this.#following.none) {
      // Not by a call: a thousand pipelined requests must not nest.
      this.#waiting = true;
      runSoonFor(this, () => this.#goOn());
    }
  }

  reset(): void {
    this.forget();
    this.#leave();
    this.#tunnel?.clientGone();
    this.#closeGently();
  }

  tunnel(server: ServerTunnel): void {
    this.#tunnel = new Tunnel(this.socket, server, this);
    this.#following.resume();
    this.#tunnel.begin(this.#following.take());
  }

  noteActivity(): void {
    this.lastActivityMs = monotonicMs();
  }

  /** The request that was served is so no more. */
  #leave(): void {
    this.#exchange = undefined;
    this.facts = undefined;
    this.body = undefined;
  }

  get #idle(): boolean {
    return this.#exchange === undefined && this.discard === undefined && this.#tunnel === undefined;
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
      if (this.discard !== undefined) rest = this.#throwAway(this.discard, rest);
      else if (this.#exchange === undefined) {
        // A client that takes no answers gets no more of them.
        this.#waiting = this.socket.writableNeedDrain;
        if (this.#waiting) this.#keepFollowing(rest);
        else if (!this.#last) this.#readHead(rest);
        return;
      } else if (this.body === undefined || this.body.ended) {
        this.#keepFollowing(rest);
        return;
      } else {
        const end = this.body.push(rest);
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
    const body = new FramedBody(head.facts, context.bodies);
    if (read.rest === undefined || body.ended) this.#following.begin(read.rest);
    else this.#following.begin(after(read.rest, body.push(read.rest)));
    this.facts = head.facts;
    this.body = body;
    this.#exchange = this.#serve(context, this, head, body);
    this.#headRead = false;
    this.#exchangeBeganAtMs = this.lastActivityMs;
    this.#exchange.begin();
  }

  #throwAway(discarded: DiscardedBody, bytes: Buffer): Buffer | undefined {
    const end = discarded.push(bytes);
    if (end !== -1) this.discard = undefined;
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
    this.#leave();
    this.#headSinceMs = 0;
    this.#headRead = false;
    // The head was good, the body is not: what has been sent upstream is taken back.
    if (exchange !== undefined) exchange.malformed(error.status, error.message);
    else this.#context().counters.count(error.status, 0);
    if (exchange?.responding !== true && this.discard === undefined)
      this.socket.write(refusalText(error, wallMs()));
    this.#closeGently();
  }

  #closeGently(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.discard = undefined;
    this.#following.clear();
    endGently(this.socket);
  }

  onGone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#tunnel?.clientGone();
    const exchange = this.#exchange;
    this.#leave();
    exchange?.clientGone();
    if (exchange !== undefined) this.socket.destroy();
  }
}
