import { MAX_ABSENT_BYTES, saysModelAbsent } from '../../dialect/index.ts';
import { type Payer, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';
import type { BodyForm } from '../codec/body-form.ts';
import type { ResponseHead } from '../codec/response-head.ts';

/** A model server says it in one piece; the client of one that does not go on waits no longer than this. */
const WAIT_MS = 200;

/** A short 404 of a request for a model, kept until it is whole, or late: the model may be at another endpoint. */
export class HeldNotFound {
  readonly head: ResponseHead;
  readonly form: BodyForm;
  #body: Buffer = Buffer.alloc(0);
  #timer: Timer | undefined;

  constructor(head: ResponseHead, form: BodyForm) {
    this.head = head;
    this.form = form;
  }

  get body(): Buffer {
    return this.#body;
  }

  /** Returns whether it may still be of a model: what has come is nothing, or the begin of an object of JSON. */
  push(bytes: Buffer | undefined): boolean {
    if (bytes !== undefined) this.#body = Buffer.concat([this.#body, bytes]);
    const first = /[^\t\n\r ]/.exec(this.#body.toString())?.[0];
    return first === undefined || first === '{';
  }

  /** @param late called when it is not whole in time */
  wait(payer: Payer, late: () => void, waitMs: number = WAIT_MS): void {
    this.#timer = startTimerFor(payer, waitMs, late);
  }

  /** It is not held any more. */
  stop(): void {
    stopTimer(this.#timer);
  }

  get saysModelAbsent(): boolean {
    return saysModelAbsent(this.#body);
  }
}

/** @param whole all of the request is kept, so that it can be sent again */
export function delayNotFound(
  head: ResponseHead,
  form: BodyForm,
  namesModel: boolean,
  whole: boolean,
): HeldNotFound | undefined {
  const isHeld =
    head.status === 404 &&
    whole &&
    namesModel &&
    form === 'length' &&
    head.facts.contentLength <= MAX_ABSENT_BYTES;
  return isHeld ? new HeldNotFound(head, form) : undefined;
}
