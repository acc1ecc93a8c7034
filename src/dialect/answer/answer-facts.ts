import type { AnswerFact } from '../dialect.ts';
import type { FactSink } from '../json/json-scanner.ts';
import { unquotedTextAt } from '../json/json-text.ts';

/** What an answer has said of itself so far: '' and undefined for what it has not. */
export interface Answer {
  /** The first that it says. */
  readonly id: string;
  /** The same. */
  readonly model: string;
  /** In the dialect's words. */
  readonly finishReason: string;
  /** Of the prompt, with those that a cache had. */
  readonly tokensIn: number | undefined;
  readonly tokensCached: number | undefined;
  /** Generated, with those of reasoning. */
  readonly tokensOut: number | undefined;
  readonly tokensReasoning: number | undefined;
  /** Events in which something generated has come: about as many as tokens. 0 for an answer that is no stream. */
  readonly contentEvents: number;
  /** Something generated has come in an event. */
  readonly firstToken: boolean;
}

/** What is longer is no id, no model and no reason. */
const MAX_ID_BYTES = 256;
const MAX_MODEL_BYTES = 1024;
/** Digits of a number that is exact (2^53). */
const MAX_DIGITS = 15;

/** What `status` of a Responses answer says while it is not finished. */
const NOT_FINISHED: ReadonlySet<string> = new Set(['queued', 'in_progress']);

/** Puts together what a scanner finds in an answer. */
export class AnswerFacts implements Answer, FactSink<AnswerFact> {
  #id = '';
  #model = '';
  #finish = '';
  #status = '';
  #in: number | undefined;
  #cached: number | undefined;
  #cachedBeside: number | undefined;
  #writtenBeside: number | undefined;
  #out: number | undefined;
  #reasoning: number | undefined;
  #isBatch = false;
  #contentEvents = 0;
  #eventHasContent = false;

  get id(): string {
    return this.#id;
  }

  get model(): string {
    return this.#model;
  }

  get finishReason(): string {
    return this.#finish === '' && !NOT_FINISHED.has(this.#status) ? this.#status : this.#finish;
  }

  get tokensIn(): number | undefined {
    if (this.#in === undefined || this.#isBatch) return undefined;
    return this.#in + (this.#cachedBeside ?? 0) + (this.#writtenBeside ?? 0);
  }

  get tokensCached(): number | undefined {
    return this.#isBatch ? undefined : (this.#cached ?? this.#cachedBeside);
  }

  get tokensOut(): number | undefined {
    return this.#isBatch ? undefined : this.#out;
  }

  get tokensReasoning(): number | undefined {
    return this.#isBatch ? undefined : this.#reasoning;
  }

  get contentEvents(): number {
    return this.#contentEvents;
  }

  get firstToken(): boolean {
    return this.#contentEvents > 0;
  }

  filled(): void {
    if (this.#eventHasContent) return;
    this.#eventHasContent = true;
    this.#contentEvents++;
  }

  eventEnded(): void {
    this.#eventHasContent = false;
  }

  text(fact: AnswerFact, bytes: Buffer, from: number, to: number): void {
    switch (fact) {
      case 'id':
        if (this.#id === '' && to - from <= MAX_ID_BYTES) this.#id = stringOf(bytes, from, to);
        break;
      case 'model':
        if (this.#model === '') this.#model = unquotedTextAt(bytes, from, to, MAX_MODEL_BYTES);
        break;
      case 'finish':
        if (to - from <= MAX_ID_BYTES) this.#finish = stringOf(bytes, from, to);
        break;
      case 'status':
        if (to - from <= MAX_ID_BYTES) this.#status = stringOf(bytes, from, to);
    }
  }

  word(fact: AnswerFact, bytes: Buffer, from: number, to: number): void {
    const number = numberOf(bytes, from, to);
    if (number !== -1) this.#number(fact, number);
  }

  #number(fact: AnswerFact, number: number): void {
    switch (fact) {
      case 'in':
        this.#in = number;
        break;
      case 'cached':
        this.#cached = number;
        break;
      case 'cachedBeside':
        this.#cachedBeside = number;
        break;
      case 'writtenBeside':
        this.#writtenBeside = number;
        break;
      case 'out':
        this.#out = number;
        break;
      case 'reasoning':
        this.#reasoning = number;
        break;
      case 'in+':
        this.#in = (this.#in ?? 0) + number;
        break;
      case 'cached+':
        this.#cached = (this.#cached ?? 0) + number;
        break;
      case 'out+':
        this.#out = (this.#out ?? 0) + number;
        break;
      case 'index':
        if (number > 0) this.#isBatch = true;
    }
  }
}

function stringOf(bytes: Buffer, from: number, to: number): string {
  return unquotedTextAt(bytes, from, to, MAX_ID_BYTES);
}

/** @returns -1 for what is no whole number of tokens */
function numberOf(bytes: Buffer, from: number, to: number): number {
  if (to - from > MAX_DIGITS) return -1;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = 10 * number + digit;
  }
  return number;
}
