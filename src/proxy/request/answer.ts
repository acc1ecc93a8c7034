import type { HeaderMutation } from '../../plan/index.ts';
import type { BodyForm } from '../codec/body-form.ts';
import type { ClientStream } from '../codec/client-stream.ts';
import type { ResponseHead } from '../codec/response-head.ts';
import { clientHeaders } from './client-headers.ts';

export interface AnswerParts {
  readonly client: Pick<
    ClientStream,
    'begun' | 'head' | 'data' | 'insert' | 'trailers' | 'flush' | 'pauseBody'
  >;
  readonly requestId: string;
  /** What the client is told of the decision. */
  readonly life: { readonly explanation: readonly string[] };
  readonly context: { readonly wallClock: () => number };
}

/**
 * An upstream's response on its way to the client. Its head may have to wait for what an external picker does to it:
 *
 *     waiting ──open──▶ going     (one that waits for nobody is `going` from the start)
 */
export class Answer {
  readonly #parts: AnswerParts;
  readonly #mutations: readonly HeaderMutation[];
  readonly #head: ResponseHead;
  readonly #form: BodyForm;
  /** Its head is still to be told to the client. */
  waits = true;
  /** All of it has come. */
  ended = false;
  /** What has come while it waits: what was read at once, its reader is paused then. */
  #held: Buffer[] | undefined;
  #trailers: readonly string[] | undefined;

  constructor(parts: AnswerParts, mutations: readonly HeaderMutation[], head: ResponseHead, form: BodyForm) {
    this.#parts = parts;
    this.#mutations = mutations;
    this.#head = head;
    this.#form = form;
  }

  /** The head is as it will be. @param changes to its headers, after all others */
  open(changes?: HeaderMutation): void {
    if (!this.waits) return;
    const { client, requestId, life, context } = this.#parts;
    const { status, reason, facts } = this.#head;
    const headers = clientHeaders(
      this.#head,
      requestId,
      life.explanation,
      this.#mutations,
      changes,
      context.wallClock(),
    );
    client.head(status, reason, headers, this.#form, facts.upgrade);
    this.waits = false;
    if (this.#held !== undefined) for (const bytes of this.#held) client.data(bytes);
    this.#held = undefined;
    if (this.#trailers !== undefined) client.trailers(this.#trailers);
  }

  /** Some of it was written. */
  get begun(): boolean {
    return !this.waits && this.#parts.client.begun;
  }

  /** @returns false when no more is wanted for now */
  push(bytes: Buffer | undefined, end: boolean): boolean {
    this.ended = end;
    if (bytes === undefined || bytes.length === 0) return true;
    if (!this.waits) return this.#parts.client.data(bytes);
    if (this.#held === undefined) this.#held = [bytes];
    else this.#held.push(bytes);
    return false;
  }

  trailers(fields: readonly string[]): void {
    if (this.waits) this.#trailers = fields;
    else this.#parts.client.trailers(fields);
  }

  flush(): void {
    if (!this.waits) this.#parts.client.flush();
  }

  /** It will not become whole. @param event a last one, of a client that reads events and stands between two */
  breakOff(event: { readonly message: string; readonly code: number } | undefined): void {
    this.open();
    this.flush();
    if (event !== undefined) this.#parts.client.insert(errorEvent(event.message, event.code));
  }
}

/** A last event, for a client whose events break off. */
function errorEvent(message: string, code: number): Buffer {
  const error = { error: { message, type: 'upstream_error', param: null, code } };
  return Buffer.from(`event: error\ndata: ${JSON.stringify(error)}\n\n`);
}
