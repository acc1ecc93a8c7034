import { createServer, type Server, type Socket } from 'node:net';
import {
  createSecureContext,
  createServer as createTlsServer,
  type SecureContext,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls';
import { monotonicMs, startInterval, stopTimer, type Timer, toError } from '../../kernel/index.ts';
import type { Acceptance, Listener } from '../../plan/index.ts';
import type { HostTable } from '../../request/index.ts';
import { isUnverified } from '../../tls/index.ts';
import type { ClientConnection } from '../codec/client-codec.ts';
import type { Serve } from '../codec/served-request.ts';
import { CLIENT_CODECS, clientCodec } from '../codecs.ts';
import type { ProxyLimits } from '../defaults.ts';
import { Exchange } from '../request/client-exchange.ts';
import type { RequestContext } from '../request-context.ts';
import { ConnectionHandoff } from './connection-handoff.ts';
import type { Binding } from './messages.ts';

const serve: Serve = (context, client, head, body) => new Exchange(context, client, head, body);

/** How late a time-out may be: a quarter of it, within these. */
const SWEEP_MS = { least: 50, most: 400 };

/** One listening socket of one worker; the workers share the port (SO_REUSEPORT). */
export class WorkerServer {
  readonly binding: Binding;
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection>();
  readonly #sweep: Timer;
  #contexts = new Map<string, SecureContext>();
  #failed: ReadonlyMap<Listener, string> = new Map();
  #hosts: HostTable;
  #onEmpty: (() => void) | undefined;
  #acceptance: Acceptance = 'all';
  #handoff: ConnectionHandoff | undefined;

  constructor(binding: Binding, hosts: HostTable, context: (hosts: HostTable) => RequestContext) {
    this.binding = binding;
    this.#hosts = hosts;
    const tls = hosts.server.protocol === 'HTTPS';
    const { faults } = context(hosts);
    const own = () => context(this.#hosts);
    const accept = (socket: Socket) => {
      try {
        this.#accept(socket, tls, own);
      } catch (thrown) {
        faults.tell('a connection that was accepted', thrown);
        socket.destroy();
      }
    };
    this.#server = tls
      ? createTlsServer(
          {
            ALPNProtocols: CLIENT_CODECS.map(({ alpn }) => alpn),
            handshakeTimeout: context(hosts).bounds.headTimeoutMs,
            // Of a server that listens, this does not change.
            requestCert: hosts.server.clientValidation !== undefined,
            // See isUnverified.
            rejectUnauthorized: false,
            SNICallback: (name, done) => {
              try {
                this.#byName(name, done);
              } catch (thrown) {
                faults.tell('a TLS handshake', thrown);
                done(toError(thrown));
              }
            },
          },
          accept,
        )
      : createServer(accept);
    if (tls) this.#readCertificates();
    this.#server.maxConnections = context(hosts).bounds.maxClientConnections;
    // One connection that cannot be accepted is not the end of the worker.
    this.#server.on('error', () => {});
    // A client that speaks no TLS is its own concern; one that does not go on with its handshake is not ended by Node.
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') socket.destroy();
    });
    this.#sweep = startInterval(sweepMs(context(hosts).bounds), () => {
      const now = monotonicMs();
      for (const connection of this.#connections) sweep(connection, now);
    });
    this.#sweep.unref();
  }

  /** Listeners whose certificates cannot be used, and why: their clients get no answer, all others do. */
  get failed(): ReadonlyMap<Listener, string> {
    return this.#failed;
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

  setAcceptance(acceptance: Acceptance): void {
    this.#acceptance = acceptance;
    if (acceptance !== 'all') for (const connection of this.#connections) connection.closeWithAnswer();
  }

  /**
   * Serves no more connections: leads those that come on to who follows. What is open ends after its answer.
   * @param host of who follows; undefined: not known yet
   */
  handOver(host: string | undefined): void {
    if (this.#handoff === undefined) {
      const handoff = new ConnectionHandoff(this.binding.port, () => this.#lookWhetherEmpty());
      this.#handoff = handoff;
      // Before TLS, of which nothing needs to be known here.
      this.#server.removeAllListeners('connection');
      this.#server.on('connection', (socket: Socket) => handoff.accept(socket));
      for (const connection of this.#connections) connection.drain();
    }
    if (host !== undefined) this.#handoff.to(host);
  }

  /** Takes no more connections; resolves when those that are open have ended after their answers. */
  drain(): Promise<void> {
    this.#server.close();
    this.#handoff?.giveUp();
    for (const connection of this.#connections) connection.drain();
    return new Promise(resolve => {
      this.#onEmpty = () => {
        stopTimer(this.#sweep);
        resolve();
      };
      this.#lookWhetherEmpty();
    });
  }

  #accept(socket: Socket, tls: boolean, context: () => RequestContext): void {
    if (this.#acceptance === 'none') socket.destroy();
    if (socket.destroyed || this.#refuses(socket)) return;
    const codec = clientCodec(tls ? (socket as TLSSocket).alpnProtocol : undefined);
    const own: ClientConnection = codec.accept(
      socket,
      tls ? { scheme: 'https', serverName: serverName(socket as TLSSocket) } : { scheme: 'http' },
      context,
      serve,
      () => this.#gone(own),
    );
    this.#connections.add(own);
    if (this.#acceptance !== 'all') own.closeWithAnswer();
  }

  #gone(connection: ClientConnection): void {
    this.#connections.delete(connection);
    this.#lookWhetherEmpty();
  }

  #lookWhetherEmpty(): void {
    if (this.#connections.size === 0 && (this.#handoff?.size ?? 0) === 0) this.#onEmpty?.();
  }

  /** A client that shows no valid certificate, where one must be shown, is let go. */
  #refuses(socket: Socket): boolean {
    const { clientValidation } = this.#hosts.server;
    if (clientValidation === undefined || !isUnverified(socket as TLSSocket)) return false;
    if (clientValidation.required) socket.destroy();
    return clientValidation.required;
  }

  #readCertificates(): void {
    const contexts = new Map<string, SecureContext>();
    const failed = new Map<Listener, string>();
    const { clientValidation } = this.#hosts.server;
    const trusted = clientValidation === undefined ? {} : { ca: clientValidation.caPem };
    for (const listener of this.#hosts.server.listeners) {
      const [certificate] = listener.certificates;
      if (certificate === undefined) continue;
      const { certChainPem: cert, privateKeyPem: key } = certificate;
      try {
        contexts.set(listener.name, createSecureContext({ cert, key, ...trusted }));
      } catch (thrown) {
        failed.set(listener, toError(thrown).message);
      }
    }
    this.#contexts = contexts;
    this.#failed = failed;
    // For clients that name no host.
    const nameless = this.#hosts.listener('');
    const isUsable = nameless !== undefined && contexts.has(nameless.name);
    const [certificate] = isUsable ? nameless.certificates : [];
    (this.#server as TlsServer).setSecureContext(
      certificate === undefined
        ? {}
        : { cert: certificate.certChainPem, key: certificate.privateKeyPem, ...trusted },
    );
  }

  #byName(name: string, done: (error: Error | null, context?: SecureContext) => void): void {
    const listener = this.#hosts.listener(name.toLowerCase());
    const context = listener === undefined ? undefined : this.#contexts.get(listener.name);
    if (context === undefined) done(new Error(`no certificate for ${name}`));
    else done(null, context);
  }
}

/** One that throws does not stop the others' sweep. */
function sweep(connection: ClientConnection, nowMs: number): void {
  try {
    connection.sweep(nowMs);
  } catch (thrown) {
    connection.fault(thrown);
  }
}

function sweepMs(bounds: ProxyLimits): number {
  const { headTimeoutMs, bodyIdleTimeoutMs, streamIdleTimeoutMs, flushTimeoutMs, idleTimeoutMs } = bounds;
  const shortest = Math.min(
    headTimeoutMs,
    bodyIdleTimeoutMs,
    streamIdleTimeoutMs,
    flushTimeoutMs,
    idleTimeoutMs,
  );
  return Math.min(SWEEP_MS.most, Math.max(SWEEP_MS.least, shortest / 4));
}

/** What the client named in its handshake, in lower case; '' where it named nothing. */
function serverName({ servername }: TLSSocket & { servername?: string | false | null }): string {
  return typeof servername === 'string' ? servername.toLowerCase() : '';
}
