import type { FieldFacts } from '../header-fields.ts';
import type { FramedBody } from './framed-body.ts';

/** The rest of an answered request's body, which is read and thrown away: the connection's next request comes after it. */
export class DiscardedBody {
  readonly body: FramedBody;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(body: FramedBody, maxBytes: number) {
    this.body = body;
    this.#maxBytes = maxBytes;
  }

  /** More has come than is worth the connection. */
  get tooMuch(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  /**
   * @returns index after the last byte of the body in `bytes`, or -1 when it goes on
   * @throws HttpSyntaxError
   */
  push(bytes: Buffer): number {
    const end = this.body.push(bytes);
    this.body.take();
    this.#bytes += bytes.length;
    return end;
  }
}

/** So much of a body is still to come that its connection is closed instead of reading it. */
export function leavesTooMuch(facts: FieldFacts, body: FramedBody, maxBytes: number): boolean {
  if (body.ended) return false;
  // Whether a client that was not told to go on sends its body is not known (RFC 9110 section 10.1.1).
  return facts.expectContinue || body.declaredLength - body.length > maxBytes;
}

/** @param end index after a body's last byte in `bytes`, -1 where it goes on */
export function after(bytes: Buffer, end: number): Buffer | undefined {
  return end === -1 || end === bytes.length ? undefined : bytes.subarray(end);
}
