import type { Socket } from 'node:net';
import type { RequestContext } from './context.ts';
import { HeadReader } from './http1/head-reader.ts';
import { parseRequestHead } from './http1/request-head.ts';
import { HttpSyntaxError } from './http1/syntax-error.ts';
import type { ClientSide } from './request/client-side.ts';
import { Exchange } from './request/exchange.ts';
import { dateHeader, reasonPhrase } from './request/local-reply.ts';
import { RequestBody } from './request/request-body.ts';
import type { UpstreamConnection } from './upstream/connection.ts';

const LINGER_MS = 1000;

/** One client's connection: its requests one after the other (RFC 9112 section 9.3). */
export class ClientConnection implements ClientSide {
  readonly scheme: 'http' | 'https';
  readonly address: string;
  closing = false;
  /** For the sweep that ends what stalls. */
  lastActivityMs = Date.now();
  readonly #socket: Socket;
  /** The plan may change between two requests of a connection. */
  readonly #context: () => RequestContext;
  #reader: HeadReader;
  #headSinceMs = 0;
  #exchange: Exchange | undefined;
  /** The bytes of requests that follow the one that is served. */
  #following: Buffer | undefined;
  #discard: RequestBody | undefined;
  #tunnel: UpstreamConnection | undefined;
  #gone = false;
  #resuming = false;

  constructor(socket: Socket, scheme: 'http' | 'https', context: () => RequestContext, onGone: () => void) {
    this.#socket = socket;
    this.scheme = scheme;
    this.address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#context = context;
    this.#reader = new HeadReader(context().bounds.maxHeadBytes);
    socket.setNoDelay(true);
    socket.on('data', bytes => this.#onBytes(bytes));
    socket.on('drain', () => {
      this.lastActivityMs = Date.now();
      if (this.#tunnel === undefined) this.#exchange?.clientDrained();
      else this.#tunnel.socket.resume();
    });
    // A client that half-closes is gone, as for Envoy: nothing else tells of a client that left.
    socket.on('end', () => this.#onGone());
    socket.on('error', () => this.#onGone());
    socket.on('close', () => {
      this.#onGone();
      onGone();
    });
  }

  /** No request is being served. */
  get idle(): boolean {
    return this.#exchange === undefined && this.#discard === undefined && this.#tunnel === undefined;
  }

  /** Closes it when the request that is served, if any, has its answer. */
  drain(): void {
    this.closing = true;
    if (this.idle && !this.#reader.started) this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends what stalls; called about once a second. */
  sweep(nowMs: number): void {
    const { bounds } = this.#context();
    const quietMs = nowMs - this.lastActivityMs;
    if (this.#headSinceMs > 0 && nowMs - this.#headSinceMs > bounds.headTimeoutMs) {
      this.#refuse(new HttpSyntaxError('HTTP_HEAD_TIMEOUT', 408, 'the head took too long'));
    } else if (this.idle) {
      if (quietMs > bounds.idleTimeoutMs) this.#socket.end();
    } else if (this.#exchange !== undefined && !this.#exchange.body.ended) {
      if (quietMs > bounds.bodyIdleTimeoutMs) this.#exchange.bodyTimeout();
    } else if (quietMs > bounds.streamIdleTimeoutMs) this.#socket.destroy();
  }

  write(data: string | Buffer): boolean {
    this.lastActivityMs = Date.now();
    return this.#socket.write(data as string, 'latin1');
  }

  pauseBody(): void {
    this.#socket.pause();
  }

  resumeBody(): void {
    this.#socket.resume();
  }

  done(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange !== undefined && !exchange.body.ended) {
      const { declaredLength, length } = exchange.body;
      const rest = declaredLength === -1 ? 0 : declaredLength - length;
      if (
        this.closing ||
        exchange.head.facts.expectContinue ||
        rest > this.#context().bounds.maxDiscardBytes
      ) {
        this.#closeGently();
        return;
      }
      this.#discard = exchange.body;
      this.#socket.resume();
      return;
    }
    if (this.closing) {
      this.#closeGently();
      return;
    }
    this.#next();
  }

  breakOff(): void {
    this.#exchange = undefined;
    this.closing = true;
    this.#socket.destroySoon();
  }

  tunnel(connection: UpstreamConnection, rest: Buffer | undefined): void {
    this.#tunnel = connection;
    const upstream = connection.socket;
    upstream.removeAllListeners('data');
    upstream.removeAllListeners('drain');
    upstream.on('data', bytes => {
      this.lastActivityMs = Date.now();
      if (!this.#socket.write(bytes)) upstream.pause();
    });
    upstream.on('drain', () => this.#socket.resume());
    upstream.once('close', () => this.#socket.destroySoon());
    if (rest !== undefined) this.#socket.write(rest);
    const following = this.#following;
    this.#following = undefined;
    if (following !== undefined) upstream.write(following);
  }

  #onBytes(bytes: Buffer): void {
    this.lastActivityMs = Date.now();
    if (this.#gone) return;
    if (this.#resuming) {
      this.#keepFollowing(bytes);
      return;
    }
    if (this.#tunnel !== undefined) {
      if (!this.#tunnel.socket.write(bytes)) this.#socket.pause();
      return;
    }
    try {
      this.#take(bytes);
    } catch (error) {
      if (!(error instanceof HttpSyntaxError)) throw error;
      this.#refuse(error);
    }
  }

  #take(bytes: Buffer): void {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined) {
      const body: RequestBody | undefined = this.#discard ?? this.#exchange?.body;
      if (body === undefined) {
        if (this.closing) return;
        const read: ReturnType<HeadReader['push']> = this.#reader.push(rest);
        if (read === undefined) {
          if (this.#headSinceMs === 0 && this.#reader.started) this.#headSinceMs = Date.now();
          return;
        }
        this.#headSinceMs = 0;
        rest = this.#begin(read.head, read.rest);
      } else if (body.ended) {
        this.#keepFollowing(rest);
        return;
      } else {
        const end = body.push(rest);
        rest = end === -1 || end === rest.length ? undefined : rest.subarray(end);
        if (this.#discard === undefined) {
          this.#following = rest;
          this.#exchange?.bodyProgress();
          return;
        }
        if (end === -1) body.take();
        else this.#discard = undefined;
      }
    }
  }

  /** @returns the bytes that belong to the next request */
  #begin(text: string, rest: Buffer | undefined): Buffer | undefined {
    const context = this.#context();
    const head = parseRequestHead(text, context.bounds.maxHeaders);
    if (head.facts.close) this.closing = true;
    const body = new RequestBody(head.facts);
    let after = rest;
    if (rest !== undefined && !body.ended) {
      const end = body.push(rest);
      after = end === -1 || end === rest.length ? undefined : rest.subarray(end);
    }
    const exchange = new Exchange(context, this, head, body);
    this.#exchange = exchange;
    this.#following = after;
    exchange.begin();
    // What follows is taken up when this request is done, which it may be already.
    return undefined;
  }

  #keepFollowing(bytes: Buffer): void {
    this.#following = this.#following === undefined ? bytes : Buffer.concat([this.#following, bytes]);
    if (this.#following.length > this.#context().bounds.maxPipelinedBytes) this.#socket.pause();
  }

  #next(): void {
    this.#socket.resume();
    if (this.#following === undefined) return;
    // Not by a call: a thousand pipelined requests must not nest.
    this.#resuming = true;
    setImmediate(() => {
      this.#resuming = false;
      const following = this.#following;
      this.#following = undefined;
      if (following !== undefined) this.#onBytes(following);
    });
  }

  #refuse(error: HttpSyntaxError): void {
    if (this.#exchange !== undefined) {
      // The head was good, the body is not: what has been sent upstream is taken back.
      const exchange = this.#exchange;
      this.#exchange = undefined;
      exchange.clientGone();
      if (exchange.responding) {
        this.#socket.destroySoon();
        return;
      }
    }
    this.closing = true;
    this.#headSinceMs = 0;
    this.#socket.write(
      `HTTP/1.1 ${error.status} ${reasonPhrase(error.status)}\r\ncontent-length: 0\r\ndate: ${dateHeader(Date.now())}\r\n` +
        `x-breakwater-reason: ${error.code}\r\nconnection: close\r\n\r\n`,
    );
    this.#closeGently();
  }

  /** Ends the response first, and reads on for a moment: a reset would take the answer from the client (RFC 9112 section 9.6). */
  #closeGently(): void {
    this.closing = true;
    this.#discard = undefined;
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', () => {});
    this.#socket.resume();
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #onGone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#tunnel?.destroy();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.clientGone();
    if (exchange !== undefined) this.#socket.destroy();
  }
}
