import {
  type ByteBudget,
  type Payer,
  REQUEST_FAULT,
  startTimerFor,
  stopTimer,
  type Timer,
} from '../../kernel/index.ts';
import { frameMessages, MessageReader, type MessageSink } from './grpc-messages.ts';
import {
  DEADLINE_EXCEEDED,
  encodeStatusMessage,
  type GrpcStatus,
  INTERNAL,
  OK_STATUS,
  RESOURCE_EXHAUSTED,
} from './grpc-status.ts';
import { readTimeoutMs } from './grpc-timeout.ts';
import type { Fields, ServerStream, StreamUser } from './transport.ts';

/** What a service does with one call. Methods are called in order, `closed` once and last. */
export interface CallHandler {
  message(bytes: Buffer): void;
  /** The client sends no more. */
  halfClosed(): void;
  /** What was sent has gone, after {@link GrpcCall.send} has said that it had not. */
  drained?(): void;
  /** The call has ended: by a status, or because the client cancelled or was lost. */
  closed(): void;
}

/** Who is at the other end of a connection. */
export interface Client {
  /** ADDRESS:PORT */
  readonly peer: string;
  /** That its certificate is for; undefined: it need not show one. */
  readonly uris: readonly string[] | undefined;
}

/** Who has taken a call. What of ours throws while it is served goes to {@link Payer.fault}. */
export interface CallOwner extends Payer {
  readonly maxMessageBytes: number;
  /** For messages that are not whole yet, over all calls. */
  readonly buffers: ByteBudget;
  /** The client's bytes could not be borne. */
  failed(call: GrpcCall, reason: string): void;
  /** The stream is gone. */
  gone(call: GrpcCall): void;
}

/** The server's side of a call: messages as bytes, over one HTTP/2 stream. */
export class GrpcCall implements StreamUser, MessageSink {
  readonly client: Client;
  /** What the server could not bear of the client; it is told of it by itself. */
  problem: string | undefined;
  readonly #stream: ServerStream;
  readonly #owner: CallOwner;
  readonly #reader: MessageReader;
  /** This call's part of what the owner's budget holds. */
  #held = 0;
  #handler: CallHandler | undefined;
  #status: GrpcStatus | undefined;
  #deadline: Timer | undefined;
  #responded = false;
  #closed = false;

  constructor(stream: ServerStream, client: Client, owner: CallOwner) {
    this.client = client;
    this.#stream = stream;
    this.#owner = owner;
    this.#reader = new MessageReader(owner.maxMessageBytes);
  }

  /** ADDRESS:PORT of the client. */
  get peer(): string {
    return this.client.peer;
  }

  get uris(): readonly string[] | undefined {
    return this.client.uris;
  }

  /** Metadata among them. */
  get headers(): Fields {
    return this.#stream.fields;
  }

  /** Undefined while the call goes on. */
  get status(): GrpcStatus | undefined {
    return this.#status;
  }

  serve(handler: CallHandler): void {
    this.#handler = handler;
    this.#stream.use(this);
    const timeout = this.#stream.fields['grpc-timeout'];
    if (timeout !== undefined && this.#status === undefined) this.#startDeadline(String(timeout));
  }

  /**
   * All of them in one write. A client that does not read what it asked for is not read from either.
   * @returns false where they have not gone: {@link CallHandler.drained} is called when they have
   */
  send(messages: readonly Buffer[]): boolean {
    if (messages.length === 0 || this.#status !== undefined || this.#stream.isGone) return true;
    return this.sendFramed(frameMessages(messages));
  }

  /** {@link send} of messages that have their prefixes. */
  sendFramed(bytes: Buffer): boolean {
    if (this.#status !== undefined || this.#stream.isGone) return true;
    this.#respond();
    const gone = this.#stream.write(bytes);
    if (!gone) this.#stream.pause();
    return gone;
  }

  /** Ends the call, once; after what was sent. */
  end(status: GrpcStatus = OK_STATUS): void {
    if (this.#status !== undefined) return;
    this.#status = status;
    this.#respond();
    this.#stream.finish(
      status.message === ''
        ? { 'grpc-status': String(status.code) }
        : { 'grpc-status': String(status.code), 'grpc-message': encodeStatusMessage(status.message) },
    );
    this.#close();
  }

  /** Breaks the call off. */
  cancel(): void {
    this.#status ??= OK_STATUS;
    this.#stream.reset();
    this.#close();
  }

  /** @internal Of the reader: a whole message. */
  message(bytes: Buffer): void {
    if (this.#status === undefined) this.#handler?.message(bytes);
  }

  data(chunk: Buffer): void {
    if (this.#status !== undefined) return;
    try {
      const problem = this.#reader.push(chunk, this) ?? this.#account();
      if (problem !== undefined) this.#refuse(problem);
    } catch (thrown) {
      this.#threw(thrown);
    }
  }

  ended(): void {
    if (this.#status !== undefined) return;
    try {
      const problem = this.#reader.end();
      if (problem !== undefined) this.#refuse(problem);
      else this.#handler?.halfClosed();
    } catch (thrown) {
      this.#threw(thrown);
    }
  }

  drained(): void {
    this.#stream.resume();
    if (this.#status !== undefined) return;
    try {
      this.#handler?.drained?.();
    } catch (thrown) {
      this.#threw(thrown);
    }
  }

  closed(): void {
    this.#close();
    this.#owner.gone(this);
  }

  #account(): GrpcStatus | undefined {
    const { held } = this.#reader;
    const { buffers } = this.#owner;
    if (!buffers.resize(this.#held, held))
      return {
        code: RESOURCE_EXHAUSTED,
        message: `more than ${buffers.maxBytes} bytes are held for all calls`,
      };
    this.#held = held;
    return undefined;
  }

  #startDeadline(text: string): void {
    const ms = readTimeoutMs(text);
    if (ms === undefined) {
      this.#refuse({ code: INTERNAL, message: 'grpc-timeout is no time' });
      return;
    }
    this.#deadline = startTimerFor(this.#owner, ms, () =>
      this.end({ code: DEADLINE_EXCEEDED, message: `not within ${ms} ms` }),
    );
    this.#deadline.unref();
  }

  #refuse(problem: GrpcStatus): void {
    this.problem = problem.message;
    this.#owner.failed(this, problem.message);
    this.end(problem);
  }

  #threw(thrown: unknown): void {
    this.#owner.fault(thrown);
    this.end({ code: INTERNAL, message: REQUEST_FAULT });
  }

  #respond(): void {
    if (this.#responded) return;
    this.#responded = true;
    this.#stream.respond(RESPONSE_HEADERS);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#deadline !== undefined) stopTimer(this.#deadline);
    this.#owner.buffers.resize(this.#held, 0);
    this.#held = 0;
    this.#status ??= OK_STATUS;
    try {
      this.#handler?.closed();
    } catch (thrown) {
      this.#owner.fault(thrown);
    }
  }
}

const RESPONSE_HEADERS = { 'content-type': 'application/grpc' };
