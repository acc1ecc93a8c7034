import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type SecureContext } from 'node:tls';
import { ClientConnection } from '../client-connection.ts';
import type { RequestContext } from '../context.ts';
import type { HostTable } from '../route/host-table.ts';
import type { Binding } from './messages.ts';

const SWEEP_MS = 1000;

/** One listening socket of one worker; the workers share the port (SO_REUSEPORT). */
export class WorkerServer {
  readonly binding: Binding;
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection>();
  readonly #sweep: NodeJS.Timeout;
  #contexts = new Map<string, SecureContext>();
  #hosts: HostTable;
  #onEmpty: (() => void) | undefined;

  constructor(binding: Binding, hosts: HostTable, context: (hosts: HostTable) => RequestContext) {
    this.binding = binding;
    this.#hosts = hosts;
    const tls = hosts.server.protocol === 'HTTPS';
    if (tls) this.#readCertificates();
    const accept = (socket: Socket) => {
      const own: ClientConnection = new ClientConnection(
        socket,
        tls ? 'https' : 'http',
        () => context(this.#hosts),
        () => this.#gone(own),
      );
      this.#connections.add(own);
    };
    this.#server = tls
      ? createTlsServer(
          { ALPNProtocols: ['http/1.1'], SNICallback: (name, done) => this.#byName(name, done) },
          accept,
        )
      : createServer(accept);
    this.#server.maxConnections = context(hosts).bounds.maxClientConnections;
    // A client that speaks no TLS is its own concern.
    this.#server.on('tlsClientError', () => {});
    this.#sweep = setInterval(() => {
      const now = Date.now();
      for (const connection of this.#connections) connection.sweep(now);
    }, SWEEP_MS);
    this.#sweep.unref();
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(
        { host: this.binding.address, port: this.binding.port, reusePort: true, backlog: 4096 },
        resolve,
      );
    });
  }

  update(hosts: HostTable): void {
    this.#hosts = hosts;
    if (hosts.server.protocol === 'HTTPS') this.#readCertificates();
  }

  /** Takes no more connections; resolves when those that are open have ended after their answers. */
  drain(): Promise<void> {
    this.#server.close();
    clearInterval(this.#sweep);
    for (const connection of this.#connections) connection.drain();
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise(resolve => {
      this.#onEmpty = resolve;
    });
  }

  #gone(connection: ClientConnection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #readCertificates(): void {
    const contexts = new Map<string, SecureContext>();
    for (const listener of this.#hosts.server.listeners) {
      const [certificate] = listener.certificates;
      if (certificate === undefined) continue;
      const { certChainPem: cert, privateKeyPem: key } = certificate;
      contexts.set(listener.name, createSecureContext({ cert, key }));
    }
    this.#contexts = contexts;
  }

  #byName(name: string, done: (error: Error | null, context?: SecureContext) => void): void {
    const listener = this.#hosts.listener(name.toLowerCase());
    const context = listener === undefined ? undefined : this.#contexts.get(listener.name);
    if (context === undefined) done(new Error(`no certificate for ${name}`));
    else done(null, context);
  }
}
