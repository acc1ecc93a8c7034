import type { HeaderMutation } from '../../plan/index.ts';
import { type Destinations, readDestinations } from './destination.ts';
import { mutationOf, replyHeaders } from './header-changes.ts';
import { DESTINATION, decodeAnswer, type HeaderChanges } from './processing-response.ts';

/** Why a picker's answer cannot be used, or why there is none. */
export type PickFailure =
  | 'unavailable'
  | 'timeout'
  | 'broken-off'
  | 'malformed'
  | 'outside-pool'
  | 'no-endpoint';

/** What the client is told in place of an answer. */
interface PickedReply {
  readonly status: number;
  /** name (lower case), value, … without content-length and date */
  readonly headers: readonly string[];
  readonly body: string;
}

export type PickOutcome =
  | {
      readonly kind: 'placed';
      /** Indexes into the pool's endpoints: the first, then fallbacks. */
      readonly indexes: readonly number[];
      readonly headers: HeaderMutation;
      /** Sent instead of the client's; undefined: that one. */
      readonly body: Buffer | undefined;
      /** What else was named. */
      readonly refused: Pick<Destinations, 'outside' | 'malformed'>;
    }
  | { readonly kind: 'replied'; readonly reply: PickedReply }
  | { readonly kind: 'failed'; readonly failure: PickFailure; readonly detail: string };

export interface PickQuestion {
  /** Of the pool's endpoints by id. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** Of the request: name (lower case), value, … */
  readonly headers: readonly string[];
  readonly hasBody: boolean;
  /** Of the body that the picker gives back. */
  readonly maxBodyBytes: number;
}

/** Puts the messages of one answer together. It never throws: bytes that make no sense are a failure. */
export class PickAnswer {
  /** The picker does not want to hear of the response. */
  skipResponse = false;
  readonly #question: PickQuestion;
  #destination: string | undefined;
  #changes: HeaderChanges[] = [];
  #headersDone = false;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #replaced = false;

  constructor(question: PickQuestion) {
    this.#question = question;
  }

  /** @returns undefined as long as more must come */
  receive(bytes: Buffer): PickOutcome | undefined {
    let answer: ReturnType<typeof decodeAnswer>;
    try {
      answer = decodeAnswer(bytes);
    } catch (error) {
      return failed('malformed', `no ProcessingResponse: ${error instanceof Error ? error.message : error}`);
    }
    return this.#receive(answer);
  }

  #receive(answer: ReturnType<typeof decodeAnswer>): PickOutcome | undefined {
    if (answer.skipResponse) this.skipResponse = true;
    this.#destination = answer.destination ?? this.#destination;
    switch (answer.kind) {
      case 'response-headers':
      case 'other':
        return undefined;
      case 'immediate':
        return replied(answer.status, answer.headers, answer.body);
      case 'request-headers':
      case 'request-body': {
        const { headers, body, replace } = answer;
        const named = headers.set.findLast(({ name }) => name === DESTINATION)?.value;
        // The header goes before the metadata, as for Envoy.
        if (named !== undefined) this.#destination = named;
        this.#changes.push(headers);
        if (answer.kind === 'request-headers') this.#headersDone = true;
        if (body.kind === 'piece') {
          this.#bytes += body.body.length;
          if (this.#bytes > this.#question.maxBodyBytes)
            return failed(
              'malformed',
              `it gives back a body of more than ${this.#question.maxBodyBytes} bytes`,
            );
          this.#pieces.push(body.body);
          this.#replaced = true;
        } else if (body.kind === 'whole') {
          this.#pieces = [body.body];
          this.#replaced = true;
        }
        const bodyDone =
          replace ||
          !this.#question.hasBody ||
          (answer.kind === 'request-body' && (body.kind !== 'piece' || body.end));
        return this.#headersDone && bodyDone ? this.#done() : undefined;
      }
    }
  }

  #done(): PickOutcome {
    if (this.#destination === undefined)
      return failed('no-endpoint', `it names no endpoint in ${DESTINATION}`);
    const { indexes, outside, malformed } = readDestinations(this.#destination, this.#question.indexOf);
    if (indexes.length === 0)
      return outside.length > 0
        ? failed('outside-pool', `it names ${shown(outside)}, which the pool does not have`)
        : failed('malformed', `it names ${shown(malformed)}, which is no ADDRESS:PORT`);
    const headers = mutationOf(this.#changes, this.#question.headers);
    if (headers === undefined) return failed('malformed', 'it sets a header that is not allowed in HTTP');
    const body = this.#replaced ? Buffer.concat(this.#pieces) : undefined;
    return { kind: 'placed', indexes, headers, body, refused: { outside, malformed } };
  }
}

function failed(failure: PickFailure, detail: string): PickOutcome {
  return { kind: 'failed', failure, detail };
}

/** For a log line: what somebody else wrote may be long, or hold anything. */
export function shown(parts: readonly string[]): string {
  const text = JSON.stringify(parts.join(','));
  return text.length > 100 ? `${text.slice(0, 100)}…"` : text;
}

function replied(status: number, changes: HeaderChanges, body: Buffer): PickOutcome {
  if (status < 200 || status > 599) return failed('malformed', `it answers with status ${status}`);
  const headers = replyHeaders(changes);
  if (headers === undefined)
    return failed('malformed', 'it answers with a header that is not allowed in HTTP');
  // Envoy's local replies are text unless they say otherwise.
  if (body.length > 0 && !headers.some((name, i) => i % 2 === 0 && name === 'content-type'))
    headers.push('content-type', 'text/plain');
  return { kind: 'replied', reply: { status, headers, body: body.toString() } };
}
