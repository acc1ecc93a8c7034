import { isAscii } from 'node:buffer';

/** A whole body in the forms that it is wanted in, each made once: most bodies are ASCII, where text and latin1 are one. */
export class BodyBytes {
  readonly bytes: Buffer;
  #latin1: string | undefined;
  #text: string | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** A character for each byte, as a socket writes it. */
  get latin1(): string {
    this.#latin1 ??= this.bytes.toString('latin1');
    return this.#latin1;
  }

  /** Read as UTF-8. */
  get text(): string {
    this.#text ??= isAscii(this.bytes) ? this.latin1 : this.bytes.toString();
    return this.#text;
  }
}
