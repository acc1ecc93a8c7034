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
import type { TLSSocket } from 'node:tls';
import {
  type ByteBudget,
  type FaultLog,
  keptText,
  type Payer,
  REQUEST_FAULT,
  runFor,
} from '../../kernel/index.ts';
import type { ServerCertificate } from '../../tls/index.ts';
import { type ControlPlaneTls, mutualTls, untrusted, urisOf } from '../../tls/index.ts';
import { encodeStatusMessage, INTERNAL, UNIMPLEMENTED } from '../../wire/grpc-status.ts';
import { type CallHandler, type Client, GrpcCall } from './call.ts';
import { ServedConnection } from './connection.ts';

/** By path: `/PACKAGE.SERVICE/METHOD`. */
export type GrpcMethods = Readonly<Record<string, (call: GrpcCall) => CallHandler>>;

export interface GrpcServerOptions {
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  /** A socket in the file system, in the place of address and port: only who may open it calls. */
  readonly path?: string | undefined;
  /** PEM; undefined: plain text (h2c with prior knowledge). */
  readonly tls: ServerCertificate | ControlPlaneTls | undefined;
  readonly methods: GrpcMethods;
  readonly maxMessageBytes: number;
  /** For messages that are not whole yet. */
  readonly buffers: ByteBudget;
  readonly maxStreamsPerConnection: number;
  readonly maxConnections: number;
  readonly handshakeTimeoutMs: number;
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
  /** Is told what of ours threw. */
  readonly faults: FaultLog;
  /** Something came that cannot be served. @param peer ADDRESS:PORT */
  readonly onBadInput: (peer: string, reason: string) => void;
}

/** Bytes in flight of one stream, and of a connection, before the other side must wait: a large body goes through at once. */
const STREAM_WINDOW_BYTES = 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
/** Node's default of 10 MB is used up by the buffers of some thousand streams. Megabytes. */
const MAX_SESSION_MEMORY_MB = 1024;
/**
 * A gateway resets the stream of every request whose client leaves. Node's defaults (1000, then 33 a second) would
 * close its connection under load; a handler that is reset costs no more than one that is not.
 */
const STREAM_RESETS = { streamResetBurst: 100_000, streamResetRate: 20_000 };

/**
 * gRPC over node:http2, for what runs once a request: two thirds of the CPU of @grpc/grpc-js, and what is wrong with a
 * connection can be seen and told (grpc/doc/PROTOCOL-HTTP2.md).
 */
export class GrpcServer implements Payer {
  readonly #options: GrpcServerOptions;
  readonly #server: Http2Server;
  /** Clients must show a certificate. */
  readonly #mutual: boolean;
  readonly #connections = new Set<ServedConnection>();
  readonly #calls = new Set<GrpcCall>();

  private constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#mutual = options.tls !== undefined && 'ca' in options.tls;
    const settings = {
      maxConcurrentStreams: options.maxStreamsPerConnection,
      initialWindowSize: STREAM_WINDOW_BYTES,
      enablePush: false,
    };
    const common = { settings, maxSessionMemory: MAX_SESSION_MEMORY_MB, ...STREAM_RESETS };
    this.#server =
      options.tls === undefined
        ? createServer(common)
        : createSecureServer({
            ...common,
            ...contextOf(options.tls),
            handshakeTimeout: options.handshakeTimeoutMs,
          });
    this.#listen();
  }

  /** @throws the error of listen(2) */
  static async start(options: GrpcServerOptions): Promise<GrpcServer> {
    const server = new GrpcServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      const { path, port, address: host } = options;
      server.#server.listen(path === undefined ? { port, host } : { path }, () => {
        server.#server.off('error', reject);
        resolve();
      });
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Calls that are open. */
  get calls(): number {
    return this.#calls.size;
  }

  /** For connections that come from now on; nothing to do where it serves plain text. */
  setCertificate(certificate: ServerCertificate | ControlPlaneTls): void {
    if ('setSecureContext' in this.#server)
      (this.#server as Http2SecureServer).setSecureContext(contextOf(certificate));
  }

  /** Takes no more calls; resolves when those that are open have ended. */
  async drain(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.drain();
    await closed;
  }

  /** Breaks off all calls. */
  async close(): Promise<void> {
    for (const call of this.#calls) call.cancel();
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #listen(): void {
    const { onBadInput } = this.#options;
    const server = this.#server;
    server.on('session', session => runFor(this, () => this.#connected(session)));
    server.on('stream', (stream, headers) => {
      try {
        this.#called(stream, headers);
      } catch (thrown) {
        this.fault(thrown);
        if (!stream.destroyed) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      }
    });
    server.on('sessionError', (error, session) => {
      runFor(this, () => onBadInput(clientOf(session).peer, error.message));
    });
    server.on('tlsClientError', (error: Error, socket: Socket) =>
      runFor(this, () => onBadInput(addressOf(socket), error.message)),
    );
    // TLS without ALPN `h2`: the answer that Node would write is HTTP/1.1.
    server.on('unknownProtocol', (socket: Socket) => {
      runFor(this, () => onBadInput(addressOf(socket), 'TLS without h2 in ALPN'));
      socket.destroy();
    });
  }

  #connected(session: ServerHttp2Session): void {
    const peer = addressOf(session.socket);
    const socket = this.#mutual ? (session.socket as TLSSocket) : undefined;
    CLIENTS.set(session, { peer, uris: socket && urisOf(socket) });
    const problem = socket && untrusted(socket);
    if (problem !== undefined) {
      this.#options.onBadInput(peer, problem);
      session.destroy();
      return;
    }
    if (this.#connections.size >= this.#options.maxConnections) {
      this.#options.onBadInput(peer, `more than ${this.#options.maxConnections} connections`);
      session.destroy();
      return;
    }
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    const connection = new ServedConnection(session, this.#options, reason =>
      runFor(this, () => this.#options.onBadInput(peer, reason)),
    );
    this.#connections.add(connection);
    session.once('close', () => {
      this.#connections.delete(connection);
      connection.closed();
    });
  }

  #called(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { methods, onBadInput } = this.#options;
    const client = stream.session === undefined ? UNKNOWN : clientOf(stream.session);
    const { peer } = client;
    const refused = (fields: Record<string, string | number>) => {
      stream.on('error', () => {});
      stream.respond(fields, { endStream: true });
      stream.resume();
    };
    const path = headers[':path'] ?? '';
    const said = keptText(path);
    if (headers[':method'] !== 'POST' || !headers['content-type']?.startsWith('application/grpc')) {
      onBadInput(peer, `${keptText(headers[':method'] ?? '')} ${said} is no gRPC call`);
      // PROTOCOL-HTTP2.md: content types other than application/grpc get 415.
      refused({ ':status': 415 });
      return;
    }
    const method = Object.hasOwn(methods, path) ? methods[path] : undefined;
    if (method === undefined) {
      onBadInput(peer, `${said} is no method of this server`);
      refused({
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': String(UNIMPLEMENTED),
        'grpc-message': encodeStatusMessage(`${said} is not served`),
      });
      return;
    }
    const call = new GrpcCall(stream, headers, client, this.#options);
    this.#calls.add(call);
    stream.once('close', () => this.#calls.delete(call));
    let handler: CallHandler;
    try {
      handler = method(call);
    } catch (thrown) {
      this.fault(thrown);
      call.serve(NOBODY, NOTHING, this);
      call.end({ code: INTERNAL, message: REQUEST_FAULT });
      return;
    }
    call.serve(handler, reason => onBadInput(peer, reason), this);
  }

  /** Something of ours threw for a call or a connection, which alone pays for it. */
  fault(thrown: unknown): void {
    this.#options.faults.tell('a gRPC call', thrown);
  }
}

function contextOf(tls: ServerCertificate | ControlPlaneTls) {
  return 'ca' in tls ? mutualTls(tls) : { cert: tls.cert, key: tls.key };
}

const NOTHING = () => {};
const NOBODY: CallHandler = { message: NOTHING, halfClosed: NOTHING, closed: NOTHING };

/** A session that has failed does not know its socket any more. */
const CLIENTS = new WeakMap<object, Client>();
const UNKNOWN: Client = { peer: 'unknown', uris: undefined };

function clientOf(session: object): Client {
  return CLIENTS.get(session) ?? UNKNOWN;
}

function addressOf(socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = socket;
  return `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
}
