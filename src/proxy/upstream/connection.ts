import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { isUnverified } from '../../picker/index.ts';

/** What a connection tells whoever uses it. */
export interface ConnectionUser {
  onData(bytes: Buffer): void;
  onDrain(): void;
  /** The server closed or the socket failed; the connection is gone. */
  onClosed(error: Error | undefined): void;
}

/** What a connection tells the pool that owns it. */
export interface ConnectionOwner {
  connectionReady(connection: UpstreamConnection): void;
  connectionFailed(connection: UpstreamConnection, error: Error): void;
  /** Exactly once for every connection, however it ended. */
  connectionClosed(connection: UpstreamConnection): void;
}

/** What all connections of this thread read into: what is read is copied at once, so one is enough. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);

/** How long a server may take to close its side of a connection that was given up. */
const ABANDON_MS = 500;

/** One HTTP/1.1 connection to one endpoint; it has one user at a time. */
export class UpstreamConnection {
  readonly endpoint: string;
  readonly socket: Socket;
  /** Requests that were sent on it. */
  requests = 0;
  readonly openedAtMs: number;
  idleSinceMs = 0;
  user: ConnectionUser | undefined;
  closed = false;
  #established = false;
  #abandoned = false;

  constructor(
    owner: ConnectionOwner,
    target: {
      readonly endpoint: string;
      readonly address: string;
      readonly port: number;
      readonly connectTimeoutMs: number;
      /** Undefined: plain text. */
      readonly tls: ConnectionOptions | undefined;
    },
    nowMs: number,
  ) {
    this.endpoint = target.endpoint;
    this.openedAtMs = nowMs;
    const socket =
      target.tls === undefined ? this.#connectPlain(target) : this.#connectTls(target, target.tls);
    this.socket = socket;
    let failure: Error | undefined;
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('connection timeout'), { code: 'ETIMEDOUT' })),
      target.connectTimeoutMs,
    );
    socket.once(target.tls === undefined ? 'connect' : 'secureConnect', () => {
      if (target.tls !== undefined && isUnverified(socket as TLSSocket)) {
        socket.destroy(
          new Error(`its certificate is not valid: ${(socket as TLSSocket).authorizationError}`),
        );
        return;
      }
      clearTimeout(timer);
      this.#established = true;
      owner.connectionReady(this);
    });
    socket.on('drain', () => this.user?.onDrain());
    socket.on('error', error => {
      failure = error;
    });
    socket.once('close', () => {
      clearTimeout(timer);
      this.closed = true;
      if (!this.#established) owner.connectionFailed(this, failure ?? new Error('connection closed'));
      const user = this.user;
      this.user = undefined;
      owner.connectionClosed(this);
      user?.onClosed(failure);
    });
  }

  /** Neither side has begun to end it: that it is closed is heard later. */
  get usable(): boolean {
    return this.socket.writable && this.socket.readable;
  }

  /**
   * Gives up the request that is on it. `onGone` is called when the server has closed its side, so that it knows that
   * nobody waits for the answer, or has not done so for a while.
   */
  abandon(onGone: () => void): void {
    this.user = undefined;
    if (this.closed) {
      onGone();
      return;
    }
    this.#abandoned = true;
    const timer = setTimeout(() => this.socket.destroy(), ABANDON_MS);
    this.socket.once('close', () => {
      clearTimeout(timer);
      onGone();
    });
    this.socket.resume();
    this.socket.end();
  }

  #connectPlain({ address, port }: { readonly address: string; readonly port: number }): Socket {
    return connect({
      host: address,
      port,
      noDelay: true,
      // Not as a stream: a read costs neither a buffer of 64 KB nor an event.
      onread: {
        buffer: READ_BUFFER,
        callback: bytesRead => {
          this.#onData(Buffer.from(READ_BUFFER.subarray(0, bytesRead)));
          return true;
        },
      },
    });
  }

  #connectTls(
    { address, port }: { readonly address: string; readonly port: number },
    tls: ConnectionOptions,
  ): Socket {
    const socket = connectTls({ host: address, port, ...tls, rejectUnauthorized: false });
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    return socket;
  }

  #onData(bytes: Buffer): void {
    if (this.user !== undefined) this.user.onData(bytes);
    // Bytes that nobody asked for: the connection cannot be trusted (RFC 9112 section 9.2).
    else if (!this.#abandoned) this.socket.destroy();
  }

  /** Ends it now; the owner hears of it before this returns to the event loop. */
  destroy(): void {
    this.user = undefined;
    this.socket.destroy();
  }
}
