import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { type Payer, startTimer, stopTimer } from '../../../kernel/index.ts';
import { isUnverified } from '../../../tls/index.ts';

/** What a connection tells whoever uses it. */
export interface ConnectionUser extends Payer {
  onData(bytes: Buffer): void;
  onDrain(): void;
  /** The server closed or the socket failed; the connection is gone. */
  onClosed(error: Error | undefined): void;
}

/** What a connection tells the pool that owns it. */
export interface ConnectionOwner extends Payer {
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
  /** How long it may be idle, by what its server said. */
  #keptForMs = Number.POSITIVE_INFINITY;
  user: ConnectionUser | undefined;
  closed = false;
  readonly #owner: ConnectionOwner;
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
    this.#owner = owner;
    const socket =
      target.tls === undefined ? this.#connectPlain(target) : this.#connectTls(target, target.tls);
    this.socket = socket;
    let failure: Error | undefined;
    const timer = startTimer(target.connectTimeoutMs, () =>
      socket.destroy(Object.assign(new Error('connection timeout'), { code: 'ETIMEDOUT' })),
    );
    socket.once(target.tls === undefined ? 'connect' : 'secureConnect', () => {
      if (target.tls !== undefined && isUnverified(socket as TLSSocket)) {
        socket.destroy(
          new Error(`its certificate is not valid: ${(socket as TLSSocket).authorizationError}`),
        );
        return;
      }
      stopTimer(timer);
      this.#established = true;
      try {
        owner.connectionReady(this);
      } catch (thrown) {
        owner.fault(thrown);
        this.destroy();
      }
    });
    // What is still to be sent would be lost: nothing of it goes out, so that it can be sent elsewhere.
    socket.once('end', () => {
      if (this.unsent) socket.destroy();
    });
    socket.on('drain', () => this.#onDrain());
    socket.on('error', error => {
      failure = error;
    });
    socket.once('close', () => {
      stopTimer(timer);
      this.#onClosed(failure);
    });
  }

  /** Nothing of what its user has written has left this process: all is written at the end of a turn of the event loop. */
  get unsent(): boolean {
    return this.socket.writableCorked > 0;
  }

  /** Its server closes it when it was idle for so many seconds: it is not used in the last fifth of them. */
  keepFor(seconds: number): void {
    this.#keptForMs = seconds * 800;
  }

  /**
   * Idle for so long that its server may close it as the next request comes.
   * @param idleTimeoutMs what the policy allows, 0 for ever; the server's own word may only shorten it
   */
  isOld(nowMs: number, idleTimeoutMs: number): boolean {
    const idleMs = nowMs - this.idleSinceMs;
    return (idleTimeoutMs > 0 && idleMs >= idleTimeoutMs) || idleMs >= this.#keptForMs;
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
    const timer = startTimer(ABANDON_MS, () => this.socket.destroy());
    this.socket.once('close', () => {
      stopTimer(timer);
      try {
        onGone();
      } catch (thrown) {
        this.#owner.fault(thrown);
      }
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
    const { user } = this;
    if (user === undefined) {
      // Bytes that nobody asked for: the connection cannot be trusted (RFC 9112 section 9.2).
      if (!this.#abandoned) this.socket.destroy();
      return;
    }
    try {
      user.onData(bytes);
    } catch (thrown) {
      user.fault(thrown);
    }
  }

  #onDrain(): void {
    const { user } = this;
    try {
      user?.onDrain();
    } catch (thrown) {
      user?.fault(thrown);
    }
  }

  /** Owner and user are both told, whatever the other does. */
  #onClosed(failure: Error | undefined): void {
    const { user } = this;
    this.closed = true;
    this.user = undefined;
    try {
      if (!this.#established) this.#owner.connectionFailed(this, failure ?? new Error('connection closed'));
    } catch (thrown) {
      this.#owner.fault(thrown);
    }
    try {
      this.#owner.connectionClosed(this);
    } catch (thrown) {
      this.#owner.fault(thrown);
    }
    try {
      user?.onClosed(failure);
    } catch (thrown) {
      user?.fault(thrown);
    }
  }

  /** Ends it now; the owner hears of it before this returns to the event loop. */
  destroy(): void {
    this.user = undefined;
    this.socket.destroy();
  }
}
