import type { Socket } from 'node:net';
import { monotonicMs } from '../../../kernel/index.ts';
import type { BodyForm } from '../../codec/body-form.ts';
import { CHUNKS } from '../framing.ts';
import { reasonPhrase } from '../reason-phrase.ts';
import { lastChunk } from '../trailers.ts';
import { writeSoon } from '../write-batch.ts';

/** Up to here head and body are one string and one write. */
const SMALL_BYTES = 16 * 1024;
const NO_FIELDS: readonly string[] = [];

/** What is written to a client: its answers, one after the other (RFC 9112 sections 4 and 7.1). */
export abstract class AnswerWriter {
  readonly framing = CHUNKS;
  begun = false;
  protected readonly socket: Socket;
  protected lastActivityMs = monotonicMs();
  /** To be written together with what follows it, if that comes in the same read; empty where there is none. */
  #pendingHead = '';
  #form: BodyForm = 'none';
  #trailers = NO_FIELDS;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** The connection is to be closed after this answer. */
  abstract get closing(): boolean;

  head(
    status: number,
    reason: string,
    headers: readonly string[],
    form: BodyForm,
    upgrade: string | undefined,
  ): void {
    let text = `HTTP/1.1 ${status} ${reason || reasonPhrase(status)}\r\n`;
    for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
    if (upgrade !== undefined && status === 101) {
      text += `connection: upgrade\r\nupgrade: ${upgrade}\r\n`;
    } else {
      // A body whose end only we know is chunked for the client: its end is then sure.
      if (form === 'framed' || form === 'open' || form === 'unsent') text += 'transfer-encoding: chunked\r\n';
      if (this.closing) text += 'connection: close\r\n';
    }
    this.#form = form;
    this.#pendingHead = `${text}\r\n`;
  }

  data(bytes: Buffer): boolean {
    if (this.#form === 'open') return this.#chunk(bytes);
    const head = this.#pendingHead;
    if (head === '') return this.write(bytes);
    this.#pendingHead = '';
    this.begun = true;
    if (bytes.length <= SMALL_BYTES) return this.write(head + bytes.toString('latin1'));
    this.write(head);
    return this.write(bytes);
  }

  insert(payload: Buffer): void {
    this.#chunk(payload);
  }

  trailers(fields: readonly string[]): void {
    this.#trailers = fields;
  }

  flush(): void {
    if (this.#pendingHead === '') return;
    const head = this.#pendingHead;
    this.#pendingHead = '';
    this.begun = true;
    this.write(head);
  }

  /** The answer has ended. */
  protected finish(): void {
    if (this.#form === 'open') this.write(this.#pendingHead + lastChunk(this.#trailers));
    else this.flush();
    this.forget();
  }

  /** What was not written is given up. */
  protected forget(): void {
    this.#pendingHead = '';
    this.#form = 'none';
    this.#trailers = NO_FIELDS;
    this.begun = false;
  }

  /** @param data a string is latin1 */
  protected write(data: string | Buffer): boolean {
    this.lastActivityMs = monotonicMs();
    return writeSoon(this.socket, data);
  }

  #chunk(bytes: Buffer): boolean {
    this.write(`${this.#pendingHead}${bytes.length.toString(16)}\r\n`);
    this.#pendingHead = '';
    this.begun = true;
    this.write(bytes);
    return this.write('\r\n');
  }
}
