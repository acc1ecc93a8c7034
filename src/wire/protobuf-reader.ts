/** Bytes that are not protobuf's wire format (protobuf.dev/programming-guides/encoding). */
class WireError extends Error {}

export const VARINT = 0;
export const LENGTH_DELIMITED = 2;
const FIXED64 = 1;
const FIXED32 = 5;

/** Walks over the fields of a message without making anything of those that nobody asks for. */
export class WireReader {
  readonly buffer: Buffer;
  /** Of the field that was read last. */
  field = 0;
  wireType = 0;
  /** Where the bytes of the field that {@link pass} passed over begin and end. */
  from = 0;
  to = 0;
  #at: number;
  #end: number;

  constructor(buffer: Buffer, from = 0, to = buffer.length) {
    this.buffer = buffer;
    this.#at = from;
    this.#end = to;
  }

  /** Goes to the next field. @returns false at the message's end. Throws {@link WireError}. */
  next(): boolean {
    if (this.#at === this.#end) return false;
    const tag = this.varint();
    // Fields up to 15, which are most, are told by one byte.
    this.field = tag < 0x80 ? tag >> 3 : Math.floor(tag / 8);
    this.wireType = tag < 0x80 ? tag & 7 : tag % 8;
    if (this.field === 0) throw new WireError('field number 0');
    return true;
  }

  /** Bits beyond 53 are lost: no field that is read here has them. */
  varint(): number {
    const first = this.#at < this.#end ? (this.buffer[this.#at] as number) : 0x80;
    if (first < 0x80) {
      this.#at++;
      return first;
    }
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw new WireError('a number is cut off');
      const byte = this.buffer[this.#at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new WireError('a number has more than 10 bytes');
  }

  /** The field is true, or a number other than 0; a field of another type than that is skipped. */
  bool(): boolean {
    if (this.wireType === VARINT) return this.varint() !== 0;
    this.skip();
    return false;
  }

  double(): number {
    if (this.wireType !== FIXED64) throw new WireError(`field ${this.field} has wire type ${this.wireType}`);
    const at = this.#at;
    this.#advance(8);
    return this.buffer.readDoubleLE(at);
  }

  /** What is inside a length-delimited field. */
  inside(): WireReader {
    const end = this.#lengthEnd();
    const from = this.#at;
    this.#at = end;
    return new WireReader(this.buffer, from, end);
  }

  /**
   * Goes into a length-delimited field: the next fields are those of the message there, up to its end. What {@link inside} does, for
   * messages that are many.
   * @returns for {@link leave}
   */
  enter(): number {
    const end = this.#lengthEnd();
    const outer = this.#end;
    this.#end = end;
    return outer;
  }

  /** Goes on after the message that was entered, whose fields have all been read. */
  leave(outer: number): void {
    this.#end = outer;
  }

  /** Passes over a length-delimited field, whose bytes are looked at where they are: from {@link from} to {@link to}. */
  pass(): void {
    const end = this.#lengthEnd();
    this.from = this.#at;
    this.to = end;
    this.#at = end;
  }

  bytes(): Buffer {
    const end = this.#lengthEnd();
    const from = this.#at;
    this.#at = end;
    return this.buffer.subarray(from, end);
  }

  text(): string {
    const end = this.#lengthEnd();
    const from = this.#at;
    this.#at = end;
    return this.buffer.toString('utf8', from, end);
  }

  skip(): void {
    switch (this.wireType) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.#advance(8);
        return;
      case LENGTH_DELIMITED:
        this.#at = this.#lengthEnd();
        return;
      case FIXED32:
        this.#advance(4);
        return;
      default:
        throw new WireError(`wire type ${this.wireType}`);
    }
  }

  #lengthEnd(): number {
    if (this.wireType !== LENGTH_DELIMITED)
      throw new WireError(`field ${this.field} has wire type ${this.wireType}`);
    const length = this.varint();
    if (length > this.#end - this.#at) throw new WireError(`field ${this.field} is cut off`);
    return this.#at + length;
  }

  #advance(bytes: number): void {
    if (this.#end - this.#at < bytes) throw new WireError(`field ${this.field} is cut off`);
    this.#at += bytes;
  }
}
