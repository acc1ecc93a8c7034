import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Payer, runFor, startTimerFor, stopTimer, type Timer } from '../../kernel/index.ts';

export interface PickerConnectionOwner extends Payer {
  /** Told why there is no connection, or none any more. */
  lost(reason: string): void;
}

export interface PickerAddress {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Opened, with all that is said to a server in TLS and HTTP/2, within this. */
const CONNECT_TIMEOUT_MS = 1000;
/** Doubled with each failure that follows. */
const BACKOFF_MS = { first: 50, most: 1000 };
/** For the answer to a ping. */
const PING_TIMEOUT_MS = 2000;
const KEEPALIVE_MS = 10_000;
/** Bytes in flight of one stream: a large body goes through at once. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
/** Node's default of 10 MB is used up by the buffers of some thousand streams. */
const MAX_SESSION_MEMORY_MB = 1024;

/**
 * The connection of one worker to one endpoint of an external picker. It is opened at once, and again when it is lost, slower as
 * long as that fails.
 *
 *     connecting ──▶ open ──GOAWAY, loss──▶ connecting
 *         └─failure─▶ waiting ─────────────────▲
 */
export class PickerConnection {
  readonly #at: PickerAddress;
  readonly #owner: PickerConnectionOwner;
  #session: ClientHttp2Session | undefined;
  #open = false;
  #failures = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(at: PickerAddress, owner: PickerConnectionOwner) {
    this.#at = at;
    this.#owner = owner;
    this.#connect();
  }

  /** ADDRESS:PORT */
  get authority(): string {
    const { address, port } = this.#at;
    return `${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Takes calls: they wait for it while it is being opened. Undefined after a failure, until the next attempt. */
  get session(): ClientHttp2Session | undefined {
    return this.#session;
  }

  /** Something that was asked over it was not answered: does it still live? */
  probe(): void {
    const session = this.#session;
    if (session === undefined || !this.#open) return;
    const timer = startTimerFor(this.#owner, PING_TIMEOUT_MS, () => session.destroy());
    timer.unref();
    if (!session.ping(() => stopTimer(timer))) stopTimer(timer);
  }

  /** Closes it after the calls that are open. */
  close(): void {
    this.#closed = true;
    stopTimer(this.#timer);
    const session = this.#session;
    this.#session = undefined;
    if (this.#open) session?.close();
    else session?.destroy();
  }

  #connect(): void {
    const { address: host, port, tls } = this.#at;
    const to = { host, port, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS };
    const session = connect(`${tls ? 'https' : 'http'}://${this.authority}`, {
      // Pickers sign their certificates themselves (Inference Extension, --secure-serving without --cert-path).
      createConnection: () =>
        tls ? connectTls({ ...to, ALPNProtocols: ['h2'], rejectUnauthorized: false }) : connectTcp(to),
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
    });
    this.#session = session;
    this.#open = false;
    let reason = 'the connection was closed';
    const timer = startTimerFor(this.#owner, CONNECT_TIMEOUT_MS, () => {
      reason = `no HTTP/2 within ${CONNECT_TIMEOUT_MS} ms`;
      session.destroy();
    });
    timer.unref();
    session.on('error', error => {
      reason = error.message;
    });
    // Only this proves that somebody who speaks HTTP/2 is there.
    session.once('remoteSettings', () => {
      stopTimer(timer);
      if (this.#session !== session) return;
      this.#open = true;
      this.#failures = 0;
    });
    // RFC 9113 section 6.8: what is open goes on there, the next call elsewhere.
    session.once('goaway', () =>
      runFor(this.#owner, () => this.#gone(session, 'it takes no more calls (GOAWAY)')),
    );
    session.once('close', () => {
      stopTimer(timer);
      runFor(this.#owner, () => this.#gone(session, reason));
    });
    session.unref();
  }

  #gone(session: ClientHttp2Session, reason: string): void {
    if (this.#closed || this.#session !== session) return;
    this.#session = undefined;
    this.#open = false;
    const delayMs = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(this.#failures++, 10));
    this.#timer = startTimerFor(this.#owner, delayMs, () => this.#connect());
    this.#timer.unref();
    this.#owner.lost(reason);
  }
}
