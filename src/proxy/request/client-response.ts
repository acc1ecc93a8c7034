import { SMALL_BYTES } from './first-write.ts';
import type { ResponseRelay } from './response-relay.ts';

export interface ResponseWriter {
  /** @returns false when the client takes no more for now; strings are latin1 */
  write(data: string | Buffer): boolean;
}

/** An upstream's response on its way to the client. */
export class ClientResponse {
  readonly #client: ResponseWriter;
  readonly #relay: ResponseRelay;
  /** To be written together with what follows it, if that comes in the same read. */
  #pendingHead: string;

  constructor(client: ResponseWriter, relay: ResponseRelay, head: string) {
    this.#client = client;
    this.#relay = relay;
    this.#pendingHead = head;
  }

  /** @returns false when the client takes no more for now */
  push(bytes: Buffer | undefined, end: boolean, boundary: number): boolean {
    let flowing = true;
    for (const out of this.#relay.push(bytes, end, boundary)) flowing = this.#write(out);
    if (end) this.flush();
    return flowing;
  }

  flush(): void {
    if (this.#pendingHead === '') return;
    const head = this.#pendingHead;
    this.#pendingHead = '';
    this.#client.write(head);
  }

  /** It will not become whole: tells a client that reads events. */
  breakOff(message: string): void {
    this.flush();
    const event = this.#relay.errorEvent(message);
    if (event !== undefined) this.#client.write(event);
  }

  #write(bytes: Buffer): boolean {
    if (this.#pendingHead === '') return this.#client.write(bytes);
    const head = this.#pendingHead;
    this.#pendingHead = '';
    if (bytes.length <= SMALL_BYTES) return this.#client.write(head + bytes.toString('latin1'));
    this.#client.write(head);
    return this.#client.write(bytes);
  }
}
