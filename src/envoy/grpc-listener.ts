import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import type { Server, ServerCredentials } from '@grpc/grpc-js';

export interface GrpcListenerOptions {
  readonly server: Server;
  readonly credentials: ServerCredentials;
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
  readonly timer: NodeJS.Timeout;
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
    const injector = options.server.createConnectionInjector(options.credentials);
    this.#listener = createServer({ noDelay: true }, socket => {
      if (this.#admit(socket)) injector.injectConnection(socket);
    });
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
    clearTimeout(connection.timer);
  }

  #admit(socket: Socket): boolean {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    socket.on('error', () => {});
    if (this.#connections.size >= this.#options.maxConnections) {
      socket.destroy();
      this.#options.onRefused(peer, `there are ${this.#options.maxConnections} connections already`);
      return false;
    }
    const timer = setTimeout(() => socket.destroy(), this.#options.firstCallMs);
    const connection: Connection = { socket, timer, called: false };
    this.#connections.set(peer, connection);
    socket.once('close', () => this.#closed(peer, connection));
    return true;
  }

  #closed(peer: string, { socket, timer, called }: Connection): void {
    clearTimeout(timer);
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
