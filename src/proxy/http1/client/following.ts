import type { Socket } from 'node:net';
import { GatheredBytes } from '../gathered-bytes.ts';

/** An answer that has not begun after so long is waited for. */
const LONG_MS = 200;
/** While it is, so many times the usual is read of those that follow it. */
const MOST_READ_ON = 4;

/**
 * The bytes of requests that follow the one that is served. More than a bound is not read, so that a client that sends many is held
 * back. But only of one that is read from, or written to, is seen that it left: where an answer is long in coming, its client is read
 * on, and where it sends still more, none of it is served (RFC 9112 section 9.3.2: who pipelines must be ready to send again what was
 * not answered).
 */
export class Following {
  readonly #socket: Pick<Socket, 'pause' | 'resume'>;
  readonly #bytes = new GatheredBytes();
  #paused = false;
  #readsOn = false;

  constructor(socket: Pick<Socket, 'pause' | 'resume'>) {
    this.#socket = socket;
  }

  get none(): boolean {
    return this.#bytes.length === 0;
  }

  /** What came together with the request that begins. */
  begin(bytes: Buffer | undefined): void {
    if (bytes !== undefined) this.#bytes.push(bytes);
  }

  /** @returns false when more has come than is kept: nothing is, then */
  keep(bytes: Buffer, usualBytes: number): boolean {
    this.#bytes.push(bytes);
    const { length } = this.#bytes;
    if (length <= usualBytes) return true;
    if (this.#readsOn && length > MOST_READ_ON * usualBytes) {
      this.#bytes.clear();
      return false;
    }
    if (!this.#readsOn) {
      this.#paused = true;
      this.#socket.pause();
    }
    return true;
  }

  /** Called a few times a second, while no answer goes out. @param servedMs how long the request has been served that they follow */
  sweep(servedMs: number): void {
    if (!this.#paused || servedMs < LONG_MS) return;
    this.#readsOn = true;
    this.#paused = false;
    this.#socket.resume();
  }

  /** The request that they follow is done. */
  resume(): void {
    this.#readsOn = false;
    this.#paused = false;
    this.#socket.resume();
  }

  take(): Buffer | undefined {
    return this.#bytes.take();
  }

  clear(): void {
    this.#bytes.clear();
  }
}
