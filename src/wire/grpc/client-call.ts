import { type Payer, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import { frameMessages, MessageReader, type MessageSink } from './grpc-messages.ts';
import {
  DEADLINE_EXCEEDED,
  type GrpcStatus,
  OK,
  statusIn,
  statusOfHttp,
  UNAVAILABLE,
} from './grpc-status.ts';
import { timeoutText } from './grpc-timeout.ts';
import type { ClientStream, ClientStreamUser, ClientTransport, Fields } from './transport.ts';

/** Who calls, and pays for what throws on the way of an answer. */
export interface CallEvents extends Payer, MessageSink {
  /** Once and last, with the status that the other side gave, or what became of the call; not after {@link GrpcClientCall.cancel}. */
  closed(status: GrpcStatus): void;
}

export interface CallOptions {
  /** `/PACKAGE.SERVICE/METHOD` */
  readonly path: string;
  readonly maxMessageBytes: number;
  /** From now to the answer's end; said to the server. Undefined: for ever. */
  readonly timeoutMs?: number;
  /** Names in lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A call that the other side does not end by itself is broken off so long after our half has ended. */
const CLOSE_TIMEOUT_MS = 5000;

const ENDED: GrpcStatus = { code: UNAVAILABLE, message: 'the stream ended without a status' };

const REQUEST_HEADERS = { 'content-type': 'application/grpc', te: 'trailers' };

/** The client's side of a gRPC call (grpc/doc/PROTOCOL-HTTP2.md). */
export class GrpcClientCall implements ClientStreamUser, MessageSink {
  readonly #stream: ClientStream;
  readonly #reader: MessageReader;
  #events: CallEvents | undefined;
  #status: GrpcStatus | undefined;
  #timer: Timer | undefined;

  /** @throws Error where the connection is lost already */
  constructor(transport: ClientTransport, authority: string, options: CallOptions, events: CallEvents) {
    const { timeoutMs, metadata } = options;
    this.#reader = new MessageReader(options.maxMessageBytes);
    this.#events = events;
    let fields: Fields = REQUEST_HEADERS;
    if (metadata !== undefined) fields = { ...fields, ...metadata };
    if (timeoutMs !== undefined) fields = { ...fields, 'grpc-timeout': timeoutText(timeoutMs) };
    this.#stream = transport.open(options.path, authority, fields, this);
    if (timeoutMs !== undefined) {
      const message = `no answer within ${timeoutMs} ms`;
      this.#timer = startTimerFor(events, timeoutMs, () => this.#fail({ code: DEADLINE_EXCEEDED, message }));
    }
  }

  send(messages: readonly Buffer[]): void {
    this.#stream.write(frameMessages(messages));
  }

  /** No more is sent; what is answered is told still. */
  halfClose(): void {
    this.#stream.end();
  }

  /** No more is sent. What else comes is thrown away. */
  end(): void {
    const payer = this.#events;
    this.#events = undefined;
    if (this.#stream.isGone || payer === undefined) return;
    this.#stream.end();
    this.#stream.resume();
    stopTimer(this.#timer);
    this.#timer = startTimerFor(payer, CLOSE_TIMEOUT_MS, () => this.#stream.reset());
    this.#timer.unref();
  }

  cancel(): void {
    this.#events = undefined;
    stopTimer(this.#timer);
    this.#stream.reset();
  }

  answered(status: number, fields: Fields): void {
    if (status === 200) this.#status = statusIn(fields) ?? this.#status;
    else this.#fail(statusOfHttp(status));
  }

  trailers(fields: Fields): void {
    this.#status = statusIn(fields) ?? this.#status;
  }

  data(chunk: Buffer): void {
    const events = this.#events;
    if (events === undefined) return;
    try {
      const problem = this.#reader.push(chunk, this);
      if (problem !== undefined) this.#fail(problem);
    } catch (thrown) {
      events.fault(thrown);
    }
  }

  /** @internal Of the reader: a whole message. */
  message(bytes: Buffer): void {
    this.#events?.message(bytes);
  }

  ended(): void {
    // Node ends the stream of a call whose other side has ended, but not ours.
    this.#stream.end();
  }

  drained(): void {
    // What is sent is bounded by whoever sends it.
  }

  failed(reason: string): void {
    // What the other side has said of the call is worth more.
    this.#status ??= { code: UNAVAILABLE, message: reason };
  }

  closed(): void {
    stopTimer(this.#timer);
    const cut = this.#status?.code === OK ? this.#reader.end() : undefined;
    if (cut !== undefined) this.#status = cut;
    this.#tell();
  }

  #fail(status: GrpcStatus): void {
    this.#status = status;
    this.#stream.reset();
    stopTimer(this.#timer);
    this.#tell();
  }

  #tell(): void {
    const events = this.#events;
    this.#events = undefined;
    if (events === undefined) return;
    try {
      events.closed(this.#status ?? ENDED);
    } catch (thrown) {
      events.fault(thrown);
    }
  }
}
