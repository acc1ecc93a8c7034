import { connect, type Socket } from 'node:net';
import type { Address } from '../processes.ts';
import { EVENT_MARK } from '../upstream/stream-event.ts';
import { chatBody, chatRequest } from './chat-body.ts';

/** Streams that are being opened at a time: no queue of connections overflows. */
const OPENING = 64;
const READ_BYTES = 1 << 16;
const START_TIMEOUT_MS = 20_000;

/** Open chat streams, whose events are counted. */
export class Streams {
  /** Events that came so far, over all streams. */
  events = 0;
  readonly #sockets: Socket[] = [];
  /** One for all: what is read is counted before the next read. */
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  #failure: Error | undefined;
  #isClosing = false;

  /** Opens `count` streams and waits until each has given an event. */
  static async open(address: Address, count: number): Promise<Streams> {
    const streams = new Streams();
    try {
      await streams.#openAll(address, count);
      return streams;
    } catch (error) {
      streams.close();
      throw error;
    }
  }

  /** Throws when a stream ended by itself. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    this.#isClosing = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #openAll(address: Address, count: number): Promise<void> {
    let opened = 0;
    const openNext = async (): Promise<void> => {
      while (opened < count) {
        opened++;
        await this.#open(address, opened);
      }
    };
    await Promise.all(Array.from({ length: OPENING }, openNext));
  }

  #open({ host, port }: Address, seed: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (what: string) => {
        this.#failure ??= new Error(`stream ${seed} ${what}`);
        reject(this.#failure);
      };
      const timer = setTimeout(fail, START_TIMEOUT_MS, 'gave no event');
      let isOpen = false;
      let hasEvent = false;
      const read = (length: number) => {
        if (!isOpen && this.#buffer.toString('latin1', 0, 12) !== 'HTTP/1.1 200')
          fail(`was answered: ${this.#buffer.toString('latin1', 0, Math.min(length, 300))}`);
        isOpen = true;
        const events = countMarks(this.#buffer, length);
        this.events += events;
        if (hasEvent || events === 0) return true;
        hasEvent = true;
        clearTimeout(timer);
        resolve();
        return true;
      };
      const socket = connect({ host, port, noDelay: true, onread: { buffer: this.#buffer, callback: read } });
      this.#sockets.push(socket);
      socket.on('error', error => fail(error.message));
      socket.on('close', () => {
        clearTimeout(timer);
        if (!this.#isClosing) fail('was cut off');
      });
      socket.write(chatRequest(`${host}:${port}`, chatBody(seed, true)));
    });
  }
}

function countMarks(buffer: Buffer, length: number): number {
  let count = 0;
  for (let at = 0; at < length; at++) if (buffer[at] === EVENT_MARK) count++;
  return count;
}
