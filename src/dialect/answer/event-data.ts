/** Who takes the data of events. */
export interface DataSink {
  data(bytes: Buffer, from: number, to: number): void;
  /** All of an event has come. */
  eventEnded(): void;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const DATA = Buffer.from('data');
const NEWLINE = Buffer.from('\n');

// What a line is known to be so far.
/** The beginning of `data`, or nothing. */
const NAME = 0;
const OF_DATA = 1;
/** A comment or another field. */
const OTHER = 2;

/**
 * The data of server-sent events that come in pieces (HTML, section "Interpreting an event stream"): lines end in LF, CR or CRLF, several
 * `data` lines of an event are one text, an empty line ends it. The bytes are passed on as they come; the space that may follow
 * the colon as well, since in JSON it says nothing.
 */
export class EventData {
  readonly #sink: DataSink;
  #line = NAME;
  /** Bytes of the name that have come. */
  #named = 0;
  #afterCr = false;
  /** The event has had a line of data. */
  #hasData = false;

  constructor(sink: DataSink) {
    this.#sink = sink;
  }

  push(bytes: Buffer, from: number): void {
    const to = bytes.length;
    // Where the next ones stand; looked for again only when they are passed, so that the piece is searched once for each.
    let lf = from - 1;
    let cr = from - 1;
    for (let at = from; at < to; ) {
      if (this.#afterCr) {
        this.#afterCr = false;
        if (bytes[at] === LF) {
          at++;
          continue;
        }
      }
      if (this.#line === NAME) {
        const byte = bytes[at] as number;
        if (byte !== LF && byte !== CR) {
          this.#name(byte);
          at++;
          continue;
        }
      }
      if (lf < at) lf = placeOf(LF, bytes, at);
      if (cr < at) cr = placeOf(CR, bytes, at);
      const end = Math.min(lf, cr);
      if (this.#line === OF_DATA && at < end) this.#sink.data(bytes, at, end);
      if (end === to) return;
      this.#lineEnded();
      this.#afterCr = end === cr;
      at = end + 1;
    }
  }

  #name(byte: number): void {
    if (this.#named < DATA.length && byte === DATA[this.#named]) this.#named++;
    else if (this.#named < DATA.length || byte !== COLON) this.#line = OTHER;
    else {
      if (this.#hasData) this.#sink.data(NEWLINE, 0, NEWLINE.length);
      this.#hasData = true;
      this.#line = OF_DATA;
    }
  }

  #lineEnded(): void {
    if (this.#line === NAME && this.#named === 0) {
      if (this.#hasData) this.#sink.eventEnded();
      this.#hasData = false;
    }
    this.#line = NAME;
    this.#named = 0;
  }
}

/** @returns the length of the bytes where it does not come any more */
function placeOf(byte: number, bytes: Buffer, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? bytes.length : at;
}
