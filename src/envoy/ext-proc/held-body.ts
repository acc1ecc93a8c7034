import { textReply } from '../../limits/index.ts';

/** Bytes of all bodies that are being read, and how many there may be. */
export interface HeldBytes {
  held: number;
  readonly max: number;
}

/** Why a body cannot be kept, as the client is told. */
export const BODY_REFUSALS = {
  'too-large': textReply(413, 'Payload Too Large'),
  'no-room': textReply(503, 'too many request bodies are being read'),
} as const;

/** A request's body while it is read: bounded by itself, and together with all others. */
export class HeldBody {
  readonly #all: HeldBytes;
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  length = 0;

  constructor(all: HeldBytes, maxBytes: number) {
    this.#all = all;
    this.#maxBytes = maxBytes;
  }

  /** @returns why it cannot be kept */
  push(chunk: Buffer): keyof typeof BODY_REFUSALS | undefined {
    if (this.length + chunk.length > this.#maxBytes) return 'too-large';
    if (this.#all.held + chunk.length > this.#all.max) return 'no-room';
    this.#chunks.push(chunk);
    this.length += chunk.length;
    this.#all.held += chunk.length;
    return undefined;
  }

  /** All of it in one piece; nothing is held any more. */
  take(): Buffer {
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.drop();
    return whole;
  }

  drop(): void {
    this.#all.held -= this.length;
    this.length = 0;
    this.#chunks = [];
  }
}
