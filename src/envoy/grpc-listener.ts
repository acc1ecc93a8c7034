import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type Server as TlsServer } from 'node:tls';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { startTimer, stopTimer, type Timer } from '../kernel/index.ts';
import { type ControlPlaneTls, mutualTls, untrusted, urisOf } from '../tls/index.ts';

export interface GrpcListenerOptions {
  readonly server: Server;
  /** Undefined: plain text. */
  readonly tls: ControlPlaneTls | undefined;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly maxConnections: number;
  /** A connection that has made no call after this is closed. */
  readonly firstCallMs: number;
  /** A connection was closed for this reason: too many, silent, or not gRPC. */
  readonly onRefused: (peer: string, reason: string) => void;
}

interface Connection {
  readonly socket: Socket;
  readonly timer: Timer;
  called: boolean;
}

/**
 * The socket in front of a grpc-js server. grpc-js says nothing of connections that never make a call; here they are counted,
 * bounded and reported with their address.
 */
export class GrpcListener {
  readonly #options: GrpcListenerOptions;
  readonly #listener: NetServer;
  readonly #connections = new Map<string, Connection>();

  private constructor(options: GrpcListenerOptions) {
    this.#options = options;
    // TLS ends before grpc-js, so that its certificate can change, and who is turned away can be told.
    const injector = options.server.createConnectionInjector(ServerCredentials.createInsecure());
    const { tls } = options;
    this.#listener =
      tls === undefined
        ? createServer({ noDelay: true }, socket => {
            if (this.#admit(socket)) injector.injectConnection(socket);
          })
        : this.#secure(tls, socket => {
            if (this.#admit(socket)) injector.injectConnection(socket);
          });
  }

  #secure(tls: ControlPlaneTls, each: (socket: TLSSocket) => void): TlsServer {
    const server = createTlsServer({ ...mutualTls(tls), ALPNProtocols: ['h2'], noDelay: true }, socket => {
      const problem = untrusted(socket);
      if (problem === undefined) return each(socket);
      this.#options.onRefused(peerOf(socket), problem);
      socket.destroy();
    });
    return server.on('tlsClientError', (error, socket) => {
      this.#options.onRefused(peerOf(socket), error.message);
      socket.destroy();
    });
  }

  /** For connections that come from now on. */
  setTls(tls: ControlPlaneTls): void {
    if ('setSecureContext' in this.#listener) (this.#listener as TlsServer).setSecureContext(mutualTls(tls));
  }

  static async listen(options: GrpcListenerOptions): Promise<GrpcListener> {
    const made = new GrpcListener(options);
    await new Promise<void>((resolve, reject) => {
      made.#listener.once('error', reject);
      made.#listener.listen(options.port, options.host, resolve);
    });
    return made;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** A call's `getPeer()`: its connection has proven that it speaks gRPC. */
  called(peer: string): void {
    const connection = this.#connections.get(peer);
    if (connection === undefined || connection.called) return;
    connection.called = true;
    stopTimer(connection.timer);
  }

  /** The URIs of a peer's certificate; undefined: plain text. */
  urisOf(peer: string): string[] | undefined {
    const socket = this.#connections.get(peer)?.socket;
    return socket instanceof TLSSocket ? urisOf(socket) : undefined;
  }

  #admit(socket: Socket): boolean {
    const peer = peerOf(socket);
    socket.on('error', () => {});
    if (this.#connections.size >= this.#options.maxConnections) {
      socket.destroy();
      this.#options.onRefused(peer, `there are ${this.#options.maxConnections} connections already`);
      return false;
    }
    const timer = startTimer(this.#options.firstCallMs, () => socket.destroy());
    const connection: Connection = { socket, timer, called: false };
    this.#connections.set(peer, connection);
    socket.once('close', () => this.#closed(peer, connection));
    return true;
  }

  #closed(peer: string, { socket, timer, called }: Connection): void {
    stopTimer(timer);
    this.#connections.delete(peer);
    if (called || !this.#listener.listening) return;
    this.#options.onRefused(peer, `it sent ${socket.bytesRead} bytes and made no gRPC call`);
  }

  /** Ends every call and connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#listener.close(() => resolve()));
    this.#options.server.forceShutdown();
    for (const { socket } of this.#connections.values()) socket.destroy();
    await closed;
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress}:${remotePort}`;
}
