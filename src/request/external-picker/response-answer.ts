import { type Payer, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import type { HeaderMutation } from '../../plan/index.ts';
import { mutationOf } from './header-changes.ts';
import { decodeAnswer } from './processing-response.ts';

/** A response waits so long for what the picker does to its headers; less than Envoy waits for us. */
const TIMEOUT_MS = 500;

export interface ResponseProblem {
  readonly kind: 'response-timeout' | 'response-malformed';
  readonly detail: string;
}

/** What a picker says to the head of a response: once, and if it says nothing the response goes on as it is. */
export class ResponseAnswer {
  readonly #headers: readonly string[];
  #done: ((changes: HeaderMutation | undefined, problem?: ResponseProblem) => void) | undefined;
  readonly #timer: Timer;

  /** @param headers of the response: name (lower case), value, … */
  constructor(
    headers: readonly string[],
    done: (changes: HeaderMutation | undefined, problem?: ResponseProblem) => void,
    payer: Payer,
  ) {
    this.#headers = headers;
    this.#done = done;
    this.#timer = startTimerFor(payer, TIMEOUT_MS, () =>
      this.#give(undefined, {
        kind: 'response-timeout',
        detail: `it says nothing to the head of a response within ${TIMEOUT_MS} ms`,
      }),
    );
  }

  receive(bytes: Buffer): void {
    let answer: ReturnType<typeof decodeAnswer>;
    try {
      answer = decodeAnswer(bytes);
    } catch (error) {
      this.#malformed(`no ProcessingResponse: ${error instanceof Error ? error.message : error}`);
      return;
    }
    // The response has begun: nothing can be said in its place any more.
    if (answer.kind === 'immediate') this.#malformed('it answers in place of a response that has begun');
    if (answer.kind !== 'response-headers') return;
    const changes = mutationOf([answer.headers], this.#headers);
    if (changes === undefined)
      this.#malformed('it sets a header of the response that is not allowed in HTTP');
    else this.#give(changes);
  }

  /** No more comes. */
  close(): void {
    this.#give(undefined);
  }

  /** Nobody wants to know any more. */
  forget(): void {
    stopTimer(this.#timer);
    this.#done = undefined;
  }

  #malformed(detail: string): void {
    this.#give(undefined, { kind: 'response-malformed', detail });
  }

  #give(changes: HeaderMutation | undefined, problem?: ResponseProblem): void {
    const done = this.#done;
    this.forget();
    done?.(changes, problem);
  }
}
