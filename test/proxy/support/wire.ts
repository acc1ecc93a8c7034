import { once } from 'node:events';
import type { Socket } from 'node:net';
import { reset } from '../../support/reset.ts';
import { within } from './within.ts';

const PATIENCE_MS = 5000;

/** The other side ended before what was waited for had come. */
export class WireEnded extends Error {
  /** What had come. */
  readonly got: Buffer;

  constructor(got: Buffer) {
    super(`the connection ended after ${JSON.stringify(got.toString('latin1', 0, 400))}`);
    this.got = got;
  }
}

/** One end of a TCP connection, to be read as bytes. Text is latin1. */
export class Wire {
  readonly socket: Socket;
  /** All that has come, read or not. */
  received = 0;
  #bytes = Buffer.alloc(0);
  #more: Buffer[] = [];
  #unreadBytes = 0;
  #counting = false;
  #ended = false;
  #error: Error | undefined;
  #wake = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', bytes => {
      this.received += bytes.length;
      if (!this.#counting) {
        this.#more.push(bytes);
        this.#unreadBytes += bytes.length;
      }
      this.#notify();
    });
    socket.on('error', error => {
      this.#error = error;
    });
    const end = () => {
      this.#ended = true;
      this.#notify();
    };
    socket.on('end', end);
    socket.on('close', end);
  }

  /** Why it ended, where it did by a reset. */
  get error(): Error | undefined {
    return this.#error;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What has come and was not read. */
  get unread(): string {
    return this.#all().toString('latin1');
  }

  /** @returns false when it is buffered because the other side does not take it */
  write(data: string | Buffer): boolean {
    return typeof data === 'string' ? this.socket.write(data, 'latin1') : this.socket.write(data);
  }

  /** Everything up to and with the text. */
  async readUntil(text: string): Promise<string> {
    return (
      await this.#take(text, bytes => {
        const at = bytes.indexOf(text, 0, 'latin1');
        return at === -1 ? -1 : at + text.length;
      })
    ).toString('latin1');
  }

  read(length: number): Promise<Buffer> {
    return this.#take(`${length} bytes`, () => length, length);
  }

  /** Whatever has come, at least one byte. */
  readSome(): Promise<Buffer> {
    return this.#take('a byte', bytes => (bytes.length > 0 ? bytes.length : -1));
  }

  /** Everything until the other side ends. */
  async readToEnd(): Promise<string> {
    await this.untilEnded();
    const rest = this.unread;
    this.#bytes = Buffer.alloc(0);
    this.#unreadBytes = 0;
    return rest;
  }

  /** From now on what comes is only counted. */
  countOnly(): void {
    this.#counting = true;
  }

  /** Waits for the other side to take what is buffered, where there is too much of it. */
  async writeAll(data: Buffer): Promise<void> {
    if (!this.write(data)) await once(this.socket, 'drain');
  }

  async untilEnded(ms = PATIENCE_MS): Promise<void> {
    while (!this.#ended) await within(ms, () => `the end; unread: ${this.#shown()}`, this.#wake.promise);
  }

  /** Until there is something to read or the other side ended; however long that takes. */
  async untilMore(): Promise<void> {
    while (this.#unreadBytes === 0 && !this.#ended) await this.#wake.promise;
  }

  /** Ends with an RST. */
  reset(): void {
    reset(this.socket);
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** @param least bytes, before which it is not looked at */
  async #take(what: string, find: (bytes: Buffer) => number, least = 0): Promise<Buffer> {
    for (;;) {
      if (this.#unreadBytes >= least) {
        const bytes = this.#all();
        const end = find(bytes);
        if (end !== -1) {
          this.#bytes = bytes.subarray(end);
          this.#unreadBytes -= end;
          return bytes.subarray(0, end);
        }
      }
      if (this.#ended) throw new WireEnded(this.#all());
      await within(
        PATIENCE_MS,
        () => `${JSON.stringify(what)}; unread: ${this.#shown()}`,
        this.#wake.promise,
      );
    }
  }

  #all(): Buffer<ArrayBuffer> {
    if (this.#more.length > 0) {
      this.#bytes = Buffer.concat([this.#bytes, ...this.#more]);
      this.#more = [];
    }
    return this.#bytes;
  }

  #shown(): string {
    return JSON.stringify(this.unread.slice(0, 400));
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}
