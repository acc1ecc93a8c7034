import { codingOf } from '../content-coding.ts';
import type { AnswerFact, AnswerShape, Dialect } from '../dialect.ts';
import { DIALECTS } from '../dialect-table.ts';
import { type JsonPlace, jsonPlaces } from '../json/json-places.ts';
import { JsonScanner } from '../json/json-scanner.ts';
import { type Answer, AnswerFacts } from './answer-facts.ts';
import { type DataSink, EventData } from './event-data.ts';

interface Places {
  readonly whole: JsonPlace<AnswerFact>;
  readonly event: JsonPlace<AnswerFact>;
}

const PLACES: ReadonlyMap<Dialect, Places> = new Map(DIALECTS.map(d => [d, placesOf(d.answer)]));

function placesOf({ whole, event }: AnswerShape): Places {
  return { whole: jsonPlaces(whole, 'content'), event: jsonPlaces(event, 'content') };
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * Reads what an answer says of itself from its bytes while they pass: one JSON value, several one after the other, or server-sent events.
 * It holds nothing up and gathers nothing. Whatever the answer is and wherever it is split, this keeps a kilobyte or two and looks at
 * each byte once; what is broken says nothing more, and throws nothing.
 */
export class AnswerScanner implements DataSink {
  readonly #places: Places;
  readonly #facts = new AnswerFacts();
  #json: JsonScanner<AnswerFact> | undefined;
  #events: EventData | undefined;

  constructor(dialect: Dialect) {
    this.#places = PLACES.get(dialect) ?? placesOf(dialect.answer);
  }

  /** As far as it has come; it grows with each piece. */
  get answer(): Answer {
    return this.#facts;
  }

  /** @param piece of the body, without the framing of a connection */
  push(piece: Buffer): void {
    const from = this.#json === undefined ? this.#start(piece) : 0;
    if (this.#events !== undefined) this.#events.push(piece, from);
    else this.#json?.push(piece, from, piece.length);
  }

  data(bytes: Buffer, from: number, to: number): void {
    this.#json?.push(bytes, from, to);
  }

  eventEnded(): void {
    this.#facts.eventEnded();
    this.#json?.restart();
  }

  /** Its first byte says which kind of answer it is; white space and a byte order mark say nothing. */
  #start(piece: Buffer): number {
    let at = 0;
    while (at < piece.length && isBeforeAll(piece[at] as number)) at++;
    if (at === piece.length) return at;
    const { whole, event } = this.#places;
    const isWhole = piece[at] === OPEN_BRACE || piece[at] === OPEN_BRACKET;
    if (!isWhole) this.#events = new EventData(this);
    this.#json = new JsonScanner(isWhole ? whole : event, this.#facts);
    return at;
  }
}

/** @param contentEncoding the header's value; where the answer is coded nothing is known of it, and undefined is returned */
export function answerScanner(dialect: Dialect, contentEncoding: string): AnswerScanner | undefined {
  return codingOf(contentEncoding) === undefined ? new AnswerScanner(dialect) : undefined;
}

function isBeforeAll(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xef || byte === 0xbb || byte === 0xbf;
}
