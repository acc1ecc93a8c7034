/** Bytes of all bodies that are being read, and how many there may be. */
export interface HeldBytes {
  held: number;
  readonly max: number;
}

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
  push(chunk: Buffer): 'too-large' | 'no-room' | undefined {
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
