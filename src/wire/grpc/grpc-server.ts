import type { TLSSocket, TlsOptions } from 'node:tls';
import {
  type ByteBudget,
  type FaultLog,
  keptText,
  type Payer,
  REQUEST_FAULT,
  runFor,
} from '../../kernel/index.ts';
import { encodeStatusMessage, INTERNAL, UNIMPLEMENTED } from './grpc-status.ts';
import { NodeHttp2Server } from './node-http2-server.ts';
import { type KeepaliveOptions, ServedConnection } from './served-connection.ts';
import { type CallHandler, type CallOwner, type Client, GrpcCall } from './server-call.ts';
import type { ListenAt, ServerConnection, ServerStream, TransportServer } from './transport.ts';

/** By path: `/PACKAGE.SERVICE/METHOD`. */
export type GrpcMethods = Readonly<Record<string, (call: GrpcCall) => CallHandler>>;

/** What a server shows of itself, and asks of clients. */
export interface GrpcServerTls {
  /** Certificate, key; and what is trusted where clients must show a certificate. */
  readonly options: TlsOptions;
  /** At the end of a handshake: who the client is, or why it is turned away. Absent: it need not show a certificate. */
  readonly identify?: (
    socket: TLSSocket,
  ) => { readonly uris: readonly string[] } | { readonly refused: string };
}

export interface GrpcServerOptions extends KeepaliveOptions {
  readonly listen: ListenAt;
  /** Undefined: plain text (h2c with prior knowledge). */
  readonly tls: GrpcServerTls | undefined;
  readonly methods: GrpcMethods;
  readonly maxMessageBytes: number;
  /** For messages that are not whole yet. */
  readonly buffers: ByteBudget;
  readonly maxStreamsPerConnection: number;
  readonly maxConnections: number;
  /** Is told what of ours threw. */
  readonly faults: FaultLog;
  /** Something came that cannot be served. @param peer ADDRESS:PORT */
  readonly onBadInput: (peer: string, reason: string) => void;
}

/**
 * A server of gRPC (grpc/doc/PROTOCOL-HTTP2.md) that says what is wrong with a connection and of whom: services as methods of
 * messages in bytes, bounds on all that a client can make it hold.
 */
export class GrpcServer implements CallOwner, Payer {
  readonly maxMessageBytes: number;
  readonly buffers: ByteBudget;
  readonly #options: GrpcServerOptions;
  readonly #transport: TransportServer;
  readonly #connections = new Set<ServedConnection>();
  readonly #calls = new Set<GrpcCall>();
  #tls: GrpcServerTls | undefined;

  private constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#tls = options.tls;
    this.maxMessageBytes = options.maxMessageBytes;
    this.buffers = options.buffers;
    this.#transport = new NodeHttp2Server(
      { ...options, tls: options.tls?.options },
      {
        connected: connection => this.#connected(connection),
        failed: (peer, why) => this.badInput(peer, why),
      },
    );
  }

  /** @throws the error of listen(2) */
  static async start(options: GrpcServerOptions): Promise<GrpcServer> {
    const server = new GrpcServer(options);
    await server.#transport.listen(options.listen);
    return server;
  }

  get port(): number {
    return this.#transport.port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Calls that are open. */
  get calls(): number {
    return this.#calls.size;
  }

  /** For connections that come from now on; nothing to do where it serves plain text. */
  setTls(tls: GrpcServerTls): void {
    if (this.#tls === undefined) return;
    this.#tls = tls;
    this.#transport.setTls(tls.options);
  }

  /** Takes no more calls; resolves when those that are open have ended. */
  async drain(): Promise<void> {
    const closed = this.#transport.close();
    for (const connection of this.#connections) connection.drain();
    await closed;
  }

  /** Breaks off all calls. */
  async close(): Promise<void> {
    for (const call of this.#calls) call.cancel();
    const closed = this.#transport.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #connected(connection: ServerConnection): ServedConnection | undefined {
    const { peer, tls } = connection;
    const { maxConnections } = this.#options;
    try {
      const identity = tls && this.#tls?.identify?.(tls);
      if (identity !== undefined && 'refused' in identity) {
        this.badInput(peer, identity.refused);
        return undefined;
      }
      if (this.#connections.size >= maxConnections) {
        this.badInput(peer, `more than ${maxConnections} connections`);
        return undefined;
      }
      const served = new ServedConnection(connection, identity?.uris, this.#options, this);
      this.#connections.add(served);
      return served;
    } catch (thrown) {
      this.fault(thrown);
      return undefined;
    }
  }

  /** @internal */
  called(stream: ServerStream, client: Client): void {
    const { methods } = this.#options;
    const { peer } = client;
    const { path } = stream;
    const type = stream.fields['content-type'];
    if (stream.method !== 'POST' || typeof type !== 'string' || !type.startsWith('application/grpc')) {
      this.badInput(peer, `${keptText(stream.method)} ${keptText(path)} is no gRPC call`);
      // PROTOCOL-HTTP2.md: content types other than application/grpc get 415.
      stream.refuse(415, {});
      return;
    }
    const method = Object.hasOwn(methods, path) ? methods[path] : undefined;
    if (method === undefined) {
      this.badInput(peer, `${keptText(path)} is no method of this server`);
      stream.refuse(200, {
        'content-type': 'application/grpc',
        'grpc-status': String(UNIMPLEMENTED),
        'grpc-message': encodeStatusMessage(`${keptText(path)} is not served`),
      });
      return;
    }
    const call = new GrpcCall(stream, client, this);
    this.#calls.add(call);
    let handler: CallHandler;
    try {
      handler = method(call);
    } catch (thrown) {
      this.fault(thrown);
      call.serve(NOBODY);
      call.end({ code: INTERNAL, message: REQUEST_FAULT });
      return;
    }
    call.serve(handler);
  }

  /** @internal */
  badInput(peer: string, reason: string): void {
    runFor(this, () => this.#options.onBadInput(peer, reason));
  }

  /** @internal */
  failed(call: GrpcCall, reason: string): void {
    this.badInput(call.peer, reason);
  }

  /** @internal */
  gone(call: GrpcCall): void {
    this.#calls.delete(call);
  }

  /** @internal */
  lost(connection: ServedConnection): void {
    this.#connections.delete(connection);
  }

  /** Something of ours threw for a call or a connection, which alone pays for it. */
  fault(thrown: unknown): void {
    this.#options.faults.tell('a gRPC call', thrown);
  }
}

const NOTHING = () => {};
const NOBODY: CallHandler = { message: NOTHING, halfClosed: NOTHING, closed: NOTHING };
