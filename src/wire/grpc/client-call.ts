import { type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { type Payer, runFor, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import { frameMessages, MessageReader } from '../../wire/grpc-messages.ts';

/** Who calls, and pays for what throws on the way of an answer. */
export interface CallEvents extends Payer {
  message(bytes: Buffer): void;
  /** Once and last, with what the other side gave as its reason; not after {@link GrpcClientCall.cancel}. */
  closed(reason: string): void;
}

/** A call that the other side does not end by itself is broken off so long after our half has ended. */
const CLOSE_TIMEOUT_MS = 5000;

/** The client's side of a gRPC call (grpc/doc/PROTOCOL-HTTP2.md). */
export class GrpcClientCall {
  readonly #stream: ClientHttp2Stream;
  #events: CallEvents | undefined;
  #reason = 'the stream ended';
  #timer: Timer | undefined;

  constructor(
    session: ClientHttp2Session,
    path: string,
    authority: string,
    maxMessageBytes: number,
    events: CallEvents,
  ) {
    this.#events = events;
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      ':authority': authority,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    this.#stream = stream;
    const reader = new MessageReader(maxMessageBytes);
    stream.on('response', headers => {
      const status = headers[':status'];
      const payer = this.#events;
      if (status === 200) this.#noteStatus(headers);
      else if (payer !== undefined) runFor(payer, () => this.#fail(`HTTP status ${status}`));
    });
    stream.on('trailers', headers => this.#noteStatus(headers));
    stream.on('data', (chunk: Buffer) => {
      const payer = this.#events;
      if (payer === undefined) return;
      runFor(payer, () => {
        const problem = reader.push(chunk, message => this.#events?.message(message));
        if (problem !== undefined) this.#fail(problem.message);
      });
    });
    // Node ends the stream of a call whose other side has ended, but not ours.
    stream.on('end', () => {
      if (!stream.writableEnded) stream.end();
    });
    stream.on('error', error => {
      this.#reason = error.message;
    });
    stream.on('close', () => {
      stopTimer(this.#timer);
      const payer = this.#events;
      if (payer !== undefined) runFor(payer, () => this.#tell());
    });
  }

  send(messages: readonly Buffer[]): void {
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(frameMessages(messages));
  }

  /** No more is sent. What else comes is thrown away. */
  end(): void {
    const payer = this.#events;
    this.#events = undefined;
    if (this.#stream.destroyed || payer === undefined) return;
    if (!this.#stream.writableEnded) this.#stream.end();
    this.#stream.resume();
    this.#timer = startTimerFor(payer, CLOSE_TIMEOUT_MS, () => this.#reset());
    this.#timer.unref();
  }

  cancel(): void {
    this.#events = undefined;
    this.#reset();
  }

  #reset(): void {
    if (!this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #fail(reason: string): void {
    this.#reason = reason;
    this.#reset();
    this.#tell();
  }

  #tell(): void {
    const events = this.#events;
    this.#events = undefined;
    events?.closed(this.#reason);
  }

  #noteStatus(headers: Readonly<Record<string, unknown>>): void {
    const status = headers['grpc-status'];
    if (status === undefined) return;
    const message = headers['grpc-message'];
    this.#reason = `gRPC status ${status}${typeof message === 'string' ? ` (${message.slice(0, 200)})` : ''}`;
  }
}
