import { type GrpcStatus, INTERNAL, RESOURCE_EXHAUSTED, UNIMPLEMENTED } from './grpc-status.ts';

const PREFIX_BYTES = 5;

/** Who is given messages. */
export interface MessageSink {
  message(bytes: Buffer): void;
}

/** Length-Prefixed-Message: a byte that says whether it is compressed, four of length, the message (grpc/doc/PROTOCOL-HTTP2.md). */
export class MessageReader {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes that the next step needs. */
  #needed = PREFIX_BYTES;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a message that is not whole yet. */
  get held(): number {
    return this.#held;
  }

  /** Whole messages go to the sink, in order. @returns why the call must end */
  push(chunk: Buffer, sink: MessageSink): GrpcStatus | undefined {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) return undefined;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#held);
    let at = 0;
    for (;;) {
      if (bytes.length - at < PREFIX_BYTES) {
        this.#needed = PREFIX_BYTES;
        break;
      }
      if (bytes[at] !== 0)
        return { code: UNIMPLEMENTED, message: 'a message is compressed, and no encoding was offered' };
      const length = bytes.readUInt32BE(at + 1);
      if (length > this.#maxBytes)
        return {
          code: RESOURCE_EXHAUSTED,
          message: `a message has ${length} bytes; up to ${this.#maxBytes} are read`,
        };
      const end = at + PREFIX_BYTES + length;
      if (end > bytes.length) {
        this.#needed = end - at;
        break;
      }
      sink.message(bytes.subarray(at + PREFIX_BYTES, end));
      at = end;
    }
    this.#held = bytes.length - at;
    this.#chunks = this.#held === 0 ? [] : [at === 0 ? bytes : bytes.subarray(at)];
    return undefined;
  }

  /** The other side has ended. @returns what is wrong when that was in the middle of a message */
  end(): GrpcStatus | undefined {
    return this.#held === 0
      ? undefined
      : { code: INTERNAL, message: 'the stream ended in the middle of a message' };
  }
}

/** Messages with their prefixes, in one piece. */
export function frameMessages(messages: readonly Buffer[]): Buffer {
  let length = 0;
  for (const message of messages) length += PREFIX_BYTES + message.length;
  const framed = Buffer.allocUnsafe(length);
  let at = 0;
  for (const message of messages) {
    framed[at] = 0;
    framed.writeUInt32BE(message.length, at + 1);
    message.copy(framed, at + PREFIX_BYTES);
    at += PREFIX_BYTES + message.length;
  }
  return framed;
}
