import { wallMs } from '../../kernel/index.ts';
import type { HeaderMutation } from '../../plan/index.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { ResponseFraming } from '../http1/upstream/try-events.ts';
import { SMALL_BYTES } from './first-write.ts';
import { clientHead, errorEvent, relayed } from './response-relay.ts';

export interface AnswerParts {
  readonly client: {
    /** The connection is to be closed after this response. */
    readonly closing: boolean;
    /** @returns false when the client takes no more for now; strings are latin1 */
    write(data: string | Buffer): boolean;
  };
  readonly head: { readonly method: string };
  readonly requestId: string;
  /** What the client is told of the decision. */
  readonly life: { readonly explanation: readonly string[] };
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
  readonly #framing: ResponseFraming;
  /** To be written together with what follows it, if that comes in the same read; undefined while it waits. */
  #pendingHead: string | undefined;
  /** What has come while it waits: what was read at once, its reader is paused then. */
  #held: Buffer[] = [];
  #ended = false;

  constructor(
    parts: AnswerParts,
    mutations: readonly HeaderMutation[],
    head: ResponseHead,
    framing: ResponseFraming,
  ) {
    this.#parts = parts;
    this.#mutations = mutations;
    this.#head = head;
    this.#framing = framing;
  }

  /** The head is as it will be. @param changes to its headers, after all others */
  open(changes?: HeaderMutation): void {
    if (this.#pendingHead !== undefined) return;
    this.#pendingHead = this.#text(changes);
    const held = this.#held;
    this.#held = [];
    for (const bytes of held) this.#write(bytes);
    if (this.#ended) this.flush();
  }

  /** All of it has come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Some of it was written. */
  get begun(): boolean {
    return this.#pendingHead === '';
  }

  get waits(): boolean {
    return this.#pendingHead === undefined;
  }

  /** @returns false when no more is wanted for now */
  push(bytes: Buffer | undefined, end: boolean): boolean {
    this.#ended = end;
    let flowing = true;
    for (const out of relayed(this.#framing, bytes, end)) flowing = this.#write(out);
    if (end) this.flush();
    return flowing;
  }

  flush(): void {
    if (this.#pendingHead === undefined || this.#pendingHead === '') return;
    const head = this.#pendingHead;
    this.#pendingHead = '';
    this.#parts.client.write(head);
  }

  /** It will not become whole. @param event a last one, of a client that reads events and stands between two */
  breakOff(event: { readonly message: string; readonly code: number } | undefined): void {
    this.open();
    this.flush();
    if (event !== undefined) this.#parts.client.write(errorEvent(event.message, event.code));
  }

  #write(bytes: Buffer): boolean {
    const { client } = this.#parts;
    if (this.#pendingHead === undefined) {
      this.#held.push(bytes);
      return false;
    }
    if (this.#pendingHead === '') return client.write(bytes);
    const head = this.#pendingHead;
    this.#pendingHead = '';
    if (bytes.length <= SMALL_BYTES) return client.write(head + bytes.toString('latin1'));
    client.write(head);
    return client.write(bytes);
  }

  #text(changes: HeaderMutation | undefined): string {
    const { head: request, requestId, client, life } = this.#parts;
    const mutations = this.#mutations;
    const isChunkedHead =
      request.method === 'HEAD' && this.#framing === 'none' && this.#head.facts.chunked === true;
    return clientHead({
      head: this.#head,
      framing: isChunkedHead ? 'chunked' : this.#framing,
      requestId,
      mutations: changes === undefined ? mutations : [...mutations, changes],
      close: client.closing,
      extra: life.explanation,
      nowMs: wallMs(),
    });
  }
}
