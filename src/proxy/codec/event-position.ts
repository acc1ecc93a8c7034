import type { MessageFacts } from './message-facts.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;

type Line = 'start' | 'comment' | 'field';

/**
 * Where in a stream of server-sent events its last byte stands (HTML, section "Interpreting an event stream"): whether another
 * event may follow it. Lines end in LF, CR or CRLF; an empty line ends an event; a comment belongs to none. Any split of the bytes
 * gives the same.
 */
export class EventPosition {
  #line: Line = 'start';
  /** Fields of an event have come that no empty line has ended. */
  #open = false;
  #afterCr = false;

  /** Nothing of an event has come, or all of it. */
  get between(): boolean {
    return this.#line === 'start' && !this.#open;
  }

  push(bytes: Uint8Array, from: number, to: number): void {
    if (to <= from) return;
    if (endsEmptyLine(bytes, from, to)) {
      this.#line = 'start';
      this.#open = false;
      this.#afterCr = bytes[to - 1] === CR;
      return;
    }
    let line = this.#line;
    let afterCr = this.#afterCr;
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      if (byte === LF && afterCr) {
        // The second half of a CRLF.
        afterCr = false;
      } else if (byte === LF || byte === CR) {
        if (line === 'start') this.#open = false;
        line = 'start';
        afterCr = byte === CR;
      } else {
        afterCr = false;
        if (line !== 'start') continue;
        line = byte === COLON ? 'comment' : 'field';
        if (line === 'field') this.#open = true;
      }
    }
    this.#line = line;
    this.#afterCr = afterCr;
  }
}

/** Whether the bytes themselves show that they end with an empty line, as those of most servers do. */
function endsEmptyLine(bytes: Uint8Array, from: number, to: number): boolean {
  const last = bytes[to - 1];
  if (to - from < 2 || (last !== LF && last !== CR)) return false;
  const before = bytes[to - 2];
  if (last === CR) return before === LF || before === CR;
  if (before === LF) return true;
  if (before !== CR || to - from < 3) return false;
  const third = bytes[to - 3];
  return third === LF || third === CR;
}

/** Media type `text/event-stream`, with or without parameters (RFC 9110 section 8.3.1). */
function isEventStream(contentType: string): boolean {
  const semicolon = contentType.indexOf(';');
  const type = semicolon === -1 ? contentType : contentType.slice(0, semicolon);
  return type.trim().toLowerCase() === 'text/event-stream';
}

/** Of the content of a message: undefined where it is no events, or coded, so that it cannot be read and nothing can be put in. */
export function positionIn({
  facts,
}: {
  readonly facts: Pick<MessageFacts, 'contentType' | 'contentEncoding'>;
}): EventPosition | undefined {
  const coding = facts.contentEncoding.toLowerCase();
  const plain = coding === '' || coding === 'identity';
  return plain && isEventStream(facts.contentType) ? new EventPosition() : undefined;
}
