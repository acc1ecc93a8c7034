import type { Socket } from 'node:net';
import type { Payer } from '../../kernel/index.ts';
import type { RequestContext } from '../request-context.ts';
import type { ClientTransport } from './client-transport.ts';
import type { Serve } from './served-request.ts';

/** A client's connection, in whatever protocol. */
export interface ClientConnection extends Payer {
  /** Ends what stalls; called a few times a second. What it throws is for `fault`. */
  sweep(nowMs: number): void;
  /** No request is taken after those that are served, and their answers say so. */
  closeWithAnswer(): void;
  /** The same, and it ends as soon as none is served. */
  drain(): void;
}

/** A protocol that clients speak. */
export interface ClientCodec {
  /** Its name in a TLS handshake (RFC 7301). */
  readonly alpn: string;
  /**
   * @param context the plan may change between two requests of a connection
   * @param onClosed called last and once
   */
  accept(
    socket: Socket,
    via: ClientTransport,
    context: () => RequestContext,
    serve: Serve,
    onClosed: () => void,
  ): ClientConnection;
}
