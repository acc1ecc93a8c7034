import {
  constants,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { NodeServerStream } from './node-http2-stream.ts';
import {
  CONNECTION_WINDOW_BYTES,
  type ListenAt,
  type ServerConnection,
  type ServerConnectionUser,
  type ServerUser,
  STREAM_WINDOW_BYTES,
  type TransportServer,
  type TransportServerOptions,
} from './transport.ts';

/** Node's default of 10 MB is used up by the buffers of some thousand streams. Megabytes. */
const MAX_SESSION_MEMORY_MB = 1024;
/**
 * A gateway resets the stream of every request whose client leaves. Node's defaults (1000, then 33 a second) would
 * close its connection under load; a handler that is reset costs no more than one that is not.
 */
const STREAM_RESETS = { streamResetBurst: 100_000, streamResetRate: 20_000 };

/** {@link TransportServer} by node:http2. */
export class NodeHttp2Server implements TransportServer {
  readonly #server: Http2Server;
  readonly #user: ServerUser;
  readonly #isSecure: boolean;
  /** A session that has failed does not know its socket any more. */
  readonly #connections = new Map<object, ServerConnectionUser>();

  constructor({ tls, ...options }: TransportServerOptions, user: ServerUser) {
    this.#user = user;
    this.#isSecure = tls !== undefined;
    const settings = {
      maxConcurrentStreams: options.maxStreamsPerConnection,
      initialWindowSize: STREAM_WINDOW_BYTES,
      enablePush: false,
    };
    const common = { settings, maxSessionMemory: MAX_SESSION_MEMORY_MB, ...STREAM_RESETS };
    this.#server =
      tls === undefined
        ? createServer(common)
        : createSecureServer({ ...common, ...tls, handshakeTimeout: options.handshakeTimeoutMs });
    const server = this.#server;
    server.on('session', session => this.#connected(session));
    server.on('stream', (stream, headers) => this.#called(stream, headers));
    server.on('sessionError', (error, session) => this.#connections.get(session)?.failed(error.message));
    // Node's own listener destroys the socket, which then has no address.
    server.prependListener('tlsClientError', (error: Error, socket: Socket) =>
      user.failed(addressOf(socket), error.message),
    );
    // TLS without ALPN `h2`: the answer that Node would write is HTTP/1.1.
    server.on('unknownProtocol', (socket: Socket) => {
      user.failed(addressOf(socket), 'TLS without h2 in ALPN');
      socket.destroy();
    });
  }

  async listen(at: ListenAt): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen('path' in at ? at : { port: at.port, host: at.address }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  setTls(tls: TlsOptions): void {
    if (this.#isSecure) (this.#server as Http2SecureServer).setSecureContext(tls);
  }

  close(): Promise<void> {
    return new Promise<void>(resolve => this.#server.close(() => resolve()));
  }

  #connected(session: ServerHttp2Session): void {
    const connection = new NodeServerConnection(session, this.#isSecure);
    const user = this.#user.connected(connection);
    if (user === undefined) {
      session.destroy();
      return;
    }
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    this.#connections.set(session, user);
    session.once('remoteSettings', () => user.spoke());
    session.once('close', () => {
      this.#connections.delete(session);
      user.closed();
    });
  }

  #called(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const user = stream.session && this.#connections.get(stream.session);
    if (user !== undefined) user.called(new NodeServerStream(stream, headers));
    else if (!stream.destroyed) stream.close(constants.NGHTTP2_REFUSED_STREAM);
  }
}

class NodeServerConnection implements ServerConnection {
  readonly peer: string;
  readonly tls: TLSSocket | undefined;
  readonly #session: ServerHttp2Session;

  constructor(session: ServerHttp2Session, isSecure: boolean) {
    this.#session = session;
    this.peer = addressOf(session.socket);
    this.tls = isSecure ? (session.socket as TLSSocket) : undefined;
  }

  destroy(): void {
    this.#session.destroy();
  }

  goAway(): void {
    if (!this.#session.closed) this.#session.close();
  }

  ping(answered: () => void): void {
    if (this.#session.destroyed) return;
    this.#session.ping(error => {
      if (error === null && !this.#session.destroyed) answered();
    });
  }
}

function addressOf(socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = socket;
  return `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
}
