import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type ByteBudget, type Payer, REQUEST_FAULT, runFor } from '../../kernel/index.ts';
import { frameMessages, MessageReader } from '../../wire/grpc-messages.ts';
import {
  encodeStatusMessage,
  type GrpcStatus,
  INTERNAL,
  OK_STATUS,
  RESOURCE_EXHAUSTED,
} from '../../wire/grpc-status.ts';

/** What a service does with one call. Methods are called in order, `closed` once and last. */
export interface CallHandler {
  message(bytes: Buffer): void;
  /** The client sends no more. */
  halfClosed(): void;
  /** The call has ended: by a status, or because the client cancelled or was lost. */
  closed(): void;
}

/** Who is at the other end of a connection. */
export interface Client {
  /** ADDRESS:PORT */
  readonly peer: string;
  readonly uris: readonly string[] | undefined;
}

/** The server's side of a call: messages as bytes, over one HTTP/2 stream. */
export class GrpcCall {
  /** ADDRESS:PORT of the client. */
  readonly peer: string;
  /** That the client's certificate is for; undefined: it need not show one. */
  readonly uris: readonly string[] | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly #stream: ServerHttp2Stream;
  readonly #reader: MessageReader;
  /** For messages that are not whole yet, over all calls. */
  readonly #budget: ByteBudget;
  /** This call's part of what the budget holds. */
  #held = 0;
  #handler: CallHandler | undefined;
  #faults: Payer | undefined;
  #status: GrpcStatus | undefined;
  #closed = false;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    { peer, uris }: Client,
    limits: { readonly maxMessageBytes: number; readonly buffers: ByteBudget },
  ) {
    this.peer = peer;
    this.uris = uris;
    this.headers = headers;
    this.#stream = stream;
    this.#reader = new MessageReader(limits.maxMessageBytes);
    this.#budget = limits.buffers;
  }

  /**
   * @param failed told why the client's bytes could not be borne
   * @param faults told what of ours threw; the call ends with INTERNAL
   */
  serve(handler: CallHandler, failed: (reason: string) => void, faults: Payer): void {
    this.#handler = handler;
    this.#faults = faults;
    const stream = this.#stream;
    const guard = (step: () => GrpcStatus | undefined) => {
      try {
        const problem = step();
        if (problem === undefined) return;
        failed(problem.message);
        this.end(problem);
      } catch (thrown) {
        faults.fault(thrown);
        this.end({ code: INTERNAL, message: REQUEST_FAULT });
      }
    };
    const take = (message: Buffer) => {
      if (this.#status === undefined) handler.message(message);
    };
    stream.on('data', (chunk: Buffer) => {
      if (this.#status === undefined) guard(() => this.#reader.push(chunk, take) ?? this.#account());
    });
    stream.on('end', () => {
      if (this.#status !== undefined || stream.aborted) return;
      guard(() => {
        const problem = this.#reader.end();
        if (problem === undefined) handler.halfClosed();
        return problem;
      });
    });
    stream.on('drain', () => stream.resume());
    stream.on('wantTrailers', () => {
      const { code, message } = this.#status ?? OK_STATUS;
      runFor(faults, () =>
        stream.sendTrailers({
          'grpc-status': String(code),
          ...(message === '' ? {} : { 'grpc-message': encodeStatusMessage(message) }),
        }),
      );
    });
    stream.on('error', () => {});
    stream.on('aborted', () => this.#close());
    stream.on('close', () => this.#close());
  }

  /** All of them in one write. A client that does not read what it asked for is not read from either. */
  send(messages: readonly Buffer[]): void {
    const stream = this.#stream;
    if (messages.length === 0 || this.#status !== undefined || stream.destroyed) return;
    this.#respond();
    if (!stream.write(frameMessages(messages))) stream.pause();
  }

  /** Ends the call, once. */
  end(status: GrpcStatus = OK_STATUS): void {
    const stream = this.#stream;
    if (this.#status !== undefined) return;
    this.#status = status;
    if (!stream.destroyed) {
      this.#respond();
      stream.end();
      // What else comes is of no use: it is read and thrown away, so that the stream can end.
      stream.resume();
    }
    this.#close();
  }

  /** Breaks the call off. */
  cancel(): void {
    this.#status ??= OK_STATUS;
    if (!this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#close();
  }

  #account(): GrpcStatus | undefined {
    const { held } = this.#reader;
    if (!this.#budget.resize(this.#held, held))
      return {
        code: RESOURCE_EXHAUSTED,
        message: `more than ${this.#budget.maxBytes} bytes are held for all calls`,
      };
    this.#held = held;
    return undefined;
  }

  #respond(): void {
    if (!this.#stream.headersSent) this.#stream.respond(RESPONSE_HEADERS, WAIT_FOR_TRAILERS);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#budget.resize(this.#held, 0);
    this.#held = 0;
    this.#status ??= OK_STATUS;
    try {
      this.#handler?.closed();
    } catch (thrown) {
      this.#faults?.fault(thrown);
    }
  }
}

const RESPONSE_HEADERS = { ':status': 200, 'content-type': 'application/grpc' };
const WAIT_FOR_TRAILERS = { waitForTrailers: true };
