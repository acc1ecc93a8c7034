import type { ServerHttp2Session } from 'node:http2';
import { startTimer, stopTimer, type Timer } from '../../kernel/index.ts';

export interface KeepaliveOptions {
  readonly handshakeTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
}

/** To read what came while this process did nothing. */
const READ_MS = 100;

/** A client's connection: it must begin to speak HTTP/2 in time, and answer pings. */
export class ServedConnection {
  readonly #session: ServerHttp2Session;
  readonly #options: KeepaliveOptions;
  readonly #lost: (reason: string) => void;
  #timer: Timer;

  constructor(session: ServerHttp2Session, options: KeepaliveOptions, lost: (reason: string) => void) {
    this.#session = session;
    this.#options = options;
    this.#lost = lost;
    this.#timer = this.#deadline(
      options.handshakeTimeoutMs,
      `no HTTP/2 within ${options.handshakeTimeoutMs} ms`,
    );
    session.once('remoteSettings', () => this.#idle());
  }

  /** GOAWAY: the client opens its next streams elsewhere. */
  drain(): void {
    if (!this.#session.closed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  closed(): void {
    stopTimer(this.#timer);
  }

  #idle(): void {
    stopTimer(this.#timer);
    this.#timer = startTimer(this.#options.keepaliveMs, () => this.#ping());
    this.#timer.unref();
  }

  /** RFC 9113 section 6.7. A gateway that died without a word is found out by it. */
  #ping(): void {
    const { keepaliveTimeoutMs } = this.#options;
    if (this.#session.destroyed) return;
    this.#timer = this.#deadline(keepaliveTimeoutMs, `no answer to a ping within ${keepaliveTimeoutMs} ms`);
    this.#session.ping(error => {
      if (error === null && !this.#session.destroyed) this.#idle();
    });
  }

  #deadline(ms: number, reason: string): Timer {
    const over = () => {
      this.#lost(reason);
      this.#session.destroy();
    };
    // Where this process itself was late, what it waits for may have come: timers run before what has come is read.
    const timer = startTimer(ms, () => {
      this.#timer = startTimer(READ_MS, over).unref();
    });
    timer.unref();
    return timer;
  }
}
