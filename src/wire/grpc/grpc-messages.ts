import { type GrpcStatus, INTERNAL, RESOURCE_EXHAUSTED, UNIMPLEMENTED } from './grpc-status.ts';

/** Of each message. */
export const PREFIX_BYTES = 5;

/** Who is given messages. */
export interface MessageSink {
  message(bytes: Buffer): void;
}

/** Length-Prefixed-Message: a byte that says whether it is compressed, four of length, the message (grpc/doc/PROTOCOL-HTTP2.md). */
export class MessageReader {
  readonly #maxBytes: number;
  /** Of a message that is not whole yet. */
  readonly #chunks: Buffer[] = [];
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
    const isAlone = this.#held === 0;
    this.#held += chunk.length;
    if (!isAlone || this.#held < this.#needed) this.#chunks.push(chunk);
    if (this.#held < this.#needed) return undefined;
    const bytes = isAlone ? chunk : Buffer.concat(this.#chunks, this.#held);
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
    this.#chunks.length = 0;
    if (this.#held > 0) this.#chunks.push(at === 0 ? bytes : bytes.subarray(at));
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
    at = putPrefix(framed, at, message.length);
    at += message.copy(framed, at);
  }
  return framed;
}

/** @returns where the message begins */
export function putPrefix(out: Buffer, at: number, messageBytes: number): number {
  out[at] = 0;
  return out.writeUInt32BE(messageBytes, at + 1);
}
