import { startTimerFor, stopTimer } from '../../../kernel/index.ts';
import type { BodyForm, PayloadSink } from '../../codec/body-form.ts';
import { type EventPosition, positionIn } from '../../codec/event-position.ts';
import type { UpstreamStream } from '../../codec/upstream-stream.ts';
import { CHUNKS } from '../framing.ts';
import { HeadReader } from '../head-reader.ts';
import { type Http1ResponseHead, parseResponseHead } from '../http1-response-head.ts';
import { HttpSyntaxError } from '../syntax-error.ts';
import { ChunkPayload } from './chunk-payload.ts';
import { ChunkRelay } from './chunk-relay.ts';
import { RequestHalf } from './request-half.ts';
import { writeRequest } from './request-writer.ts';
import type { ConnectionUser, UpstreamConnection } from './upstream-connection.ts';
import { UpstreamTunnel } from './upstream-tunnel.ts';

/** A server that sends nothing but 1xx never answers. */
const MAX_INTERIM = 32;

/** How an answer's end is found (RFC 9112 section 6.3). */
type Framing = 'none' | 'length' | 'chunked' | 'close';

/** One try of a request at one endpoint: connection, request head, response framing. */
export class UpstreamTry extends RequestHalf implements UpstreamStream, ConnectionUser {
  #reader: HeadReader | undefined;
  #head: Http1ResponseHead | undefined;
  #framing: Framing = 'none';
  #remaining = 0;
  #interim = 0;
  /** Of a client that reads chunks, or of one that does not. */
  #chunks: ChunkRelay | ChunkPayload | undefined;
  #position: EventPosition | undefined;

  /** An event may be put into the answer: what was passed on ends with a whole one. */
  get betweenEvents(): boolean {
    if (this.#chunks !== undefined) return this.#chunks.betweenEvents;
    return this.#framing === 'close' && this.#position?.between === true;
  }

  watch(sink: PayloadSink): void {
    this.#chunks?.watch(sink);
  }

  protected override get uses(): boolean {
    return this.connection?.user === this;
  }

  protected override send(connection: UpstreamConnection): void {
    this.connection = connection;
    this.#reader = new HeadReader(this.options.maxHeadBytes);
    connection.user = this;
    if (this.options.timeoutMs > 0) {
      this.timer = startTimerFor(this, this.options.timeoutMs, () => this.fail('timeout', 'per-try timeout'));
    }
    writeRequest(connection.socket, this.options.request);
    this.events.sent();
  }

  onDrain(): void {
    this.events.drained();
  }

  onClosed(error: Error | undefined): void {
    if (this.over) return;
    if (this.#head !== undefined && this.#framing === 'close' && error === undefined) {
      this.#finish(undefined);
      this.events.flush();
    } else this.fail('reset', error?.message ?? 'connection closed');
  }

  onData(bytes: Buffer): void {
    this.anyAnswer = true;
    let rest: Buffer | undefined = bytes;
    try {
      while (this.#head === undefined) {
        const read: ReturnType<HeadReader['push']> = this.#reader?.push(rest);
        if (read === undefined) return;
        rest = read.rest;
        if (!this.#onHead(parseResponseHead(read.head, this.options.maxHeaders), rest)) return;
        if (rest === undefined) break;
      }
      if (!this.over && this.#head !== undefined && rest !== undefined) this.#onBody(rest);
    } catch (error) {
      // What the server sent is its fault; all else is ours.
      if (!(error instanceof HttpSyntaxError)) throw error;
      this.fail('protocol-error', error.message);
    }
    this.events.flush();
  }

  /** @returns false when this was the last of it */
  #onHead(head: Http1ResponseHead, rest: Buffer | undefined): boolean {
    const { status, facts } = head;
    if (status === 101) {
      if (this.options.request.upgrade === undefined)
        throw new HttpSyntaxError('HTTP_UPGRADE', 400, '101 was not asked for');
      this.over = true;
      stopTimer(this.timer);
      this.events.upgraded(head, new UpstreamTunnel(this.connection as UpstreamConnection, rest));
      return false;
    }
    if (status < 200) {
      if (++this.#interim > MAX_INTERIM) throw new HttpSyntaxError('HTTP_INTERIM', 400, 'too many are 1xx');
      return true;
    }
    this.#head = head;
    if (this.options.timeoutUntil === 'head') stopTimer(this.timer);
    const isHead = this.options.request.method === 'HEAD';
    let form: BodyForm = 'none';
    if (isHead || status === 204 || status === 304) {
      if (isHead && facts.chunked) form = 'unsent';
    } else if (facts.chunked) {
      this.#framing = 'chunked';
      this.#position = positionIn(head);
      const passes = this.options.framing === CHUNKS;
      form = passes ? 'framed' : 'open';
      this.#chunks = passes
        ? new ChunkRelay(this.#position, facts.connectionNames)
        : new ChunkPayload(this.#position, facts.connectionNames);
    } else if (facts.contentLength >= 0) {
      this.#framing = facts.contentLength === 0 ? 'none' : 'length';
      form = this.#framing;
      this.#remaining = facts.contentLength;
    } else {
      this.#framing = 'close';
      form = 'open';
      this.#position = positionIn(head);
    }
    this.events.response(head, form);
    if (this.#framing === 'none' && !this.over) {
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
        this.events.data(bytes, false);
        return;
      case 'length': {
        if (bytes.length < this.#remaining) {
          this.#remaining -= bytes.length;
          this.events.data(bytes, false);
          return;
        }
        const exact = bytes.length === this.#remaining;
        this.#finish(exact ? bytes : bytes.subarray(0, this.#remaining), exact);
        return;
      }
      case 'chunked': {
        const chunks = this.#chunks as ChunkRelay | ChunkPayload;
        const pass = chunks.push(bytes);
        if (chunks.end !== -1) {
          const { trailers } = chunks;
          const exact = chunks.end === bytes.length;
          if (trailers.length === 0) this.#finish(pass, exact);
          else {
            if (pass !== undefined) this.events.data(pass, false);
            this.events.trailers(trailers);
            this.#finish(undefined, exact);
          }
        } else if (pass !== undefined) this.events.data(pass, false);
      }
    }
  }

  #finish(last: Buffer | undefined, exact = true): void {
    this.over = true;
    stopTimer(this.timer);
    const head = this.#head as Http1ResponseHead;
    const reusable =
      exact &&
      this.requestEnded &&
      this.#framing !== 'close' &&
      !head.facts.close &&
      (!head.http10 || head.facts.keepAlive);
    // The permit first: whoever waits for this connection needs one. Then the connection, before the client's next request.
    this.events.ended();
    if (head.facts.keepAliveSeconds >= 0) this.connection?.keepFor(head.facts.keepAliveSeconds);
    this.pool.release(this.connection as UpstreamConnection, reusable);
    this.events.data(last, true);
  }
}
