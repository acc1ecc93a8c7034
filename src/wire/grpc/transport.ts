import type { ConnectionOptions, TLSSocket, TlsOptions } from 'node:tls';
import type { Payer } from '../../kernel/index.ts';

/**
 * What gRPC needs of HTTP/2 (grpc/doc/PROTOCOL-HTTP2.md): connections, and streams of header fields and bytes. Whoever moves the
 * frames is behind this; nothing else here knows it.
 *
 * Nothing that is told to a user throws: it keeps what it calls from doing so.
 */

/** Names in lower case. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Who uses a stream. It is told in order; {@link closed} once and last. */
export interface StreamUser {
  data(chunk: Buffer): void;
  /** The other side sends no more. */
  ended(): void;
  /** What was written has gone, after {@link TransportStream.write} has said that it had not. */
  drained(): void;
  closed(): void;
}

export interface ClientStreamUser extends StreamUser {
  /** The head of the answer; of one that is no more than a head, too. */
  answered(status: number, fields: Fields): void;
  trailers(fields: Fields): void;
  /** Why it is going to close. */
  failed(reason: string): void;
}

export interface TransportStream {
  /** Nothing can be sent or received any more. */
  readonly isGone: boolean;
  /** @returns false where more is on its way than the other side reads */
  write(bytes: Buffer): boolean;
  /** RST_STREAM with CANCEL. */
  reset(): void;
  /** The other side may send no more than its window. */
  pause(): void;
  resume(): void;
}

export interface ServerStream extends TransportStream {
  readonly method: string;
  readonly path: string;
  readonly fields: Fields;
  /** From now on the user is told what comes. */
  use(user: StreamUser): void;
  /** The head of an answer with status 200 that has a body and trailers. */
  respond(fields: Fields): void;
  /** The trailers, after all that was written; what else comes from the client is thrown away. */
  finish(trailers: Fields): void;
  /** An answer that is no more than a head, in the place of all else. */
  refuse(status: number, fields: Fields): void;
}

export interface ClientStream extends TransportStream {
  /** Nothing more is sent. */
  end(): void;
}

export interface TransportConnection {
  /** Frees the process from waiting for it. */
  destroy(): void;
  /** RFC 9113, section 6.8 (GOAWAY): no new streams; closes after those that are open. */
  goAway(): void;
  /** RFC 9113, section 6.7. `answered` is not called where it is lost before. */
  ping(answered: () => void): void;
}

/** A client's connection as the server has it. */
export interface ServerConnection extends TransportConnection {
  /** ADDRESS:PORT */
  readonly peer: string;
  /** Undefined: plain text. */
  readonly tls: TLSSocket | undefined;
}

export interface ServerConnectionUser {
  /** The client has begun to speak HTTP/2. */
  spoke(): void;
  called(stream: ServerStream): void;
  /** What came is no HTTP/2. */
  failed(reason: string): void;
  closed(): void;
}

export interface ServerUser {
  /** @returns undefined where it is turned away */
  connected(connection: ServerConnection): ServerConnectionUser | undefined;
  /** A connection failed before it was one. @param peer ADDRESS:PORT */
  failed(peer: string, reason: string): void;
}

export interface TransportServerOptions {
  /** Undefined: plain text (h2c with prior knowledge). */
  readonly tls: TlsOptions | undefined;
  readonly maxStreamsPerConnection: number;
  readonly handshakeTimeoutMs: number;
}

/** Where a server listens: a socket in the file system, which only who may open it can use, or an address. Port 0: a free one. */
export type ListenAt = { readonly path: string } | { readonly address: string; readonly port: number };

export interface TransportServer {
  /** 0 where it listens at a path. */
  readonly port: number;
  /** @throws the error of listen(2) */
  listen(at: ListenAt): Promise<void>;
  /** Takes no more connections; resolves when there are none any more. */
  close(): Promise<void>;
  /** For connections that come from now on; nothing to do where it serves plain text. */
  setTls(tls: TlsOptions): void;
}

export interface ConnectTo {
  readonly address: string;
  readonly port: number;
  /** Undefined: plain text. Whether the server's certificate is good is looked at by {@link ClientConnectionUser.secured}. */
  readonly tls: ConnectionOptions | undefined;
}

/** Who has made a connection. What its methods throw goes to {@link Payer.fault}. */
export interface ClientConnectionUser extends Payer {
  /** The handshake of TLS is over. @returns why there is to be no connection with this server */
  secured?(socket: TLSSocket): string | undefined;
  /** The server speaks HTTP/2. */
  spoke(): void;
  /** RFC 9113, section 6.8 (GOAWAY): it takes no more calls. */
  goingAway(): void;
  /** With the error, where it was one. */
  closed(reason: string | undefined): void;
}

export interface ClientTransport extends TransportConnection {
  /** Waits for the connection while it is being opened. @throws Error where it is lost already, or the fields cannot be sent */
  open(path: string, authority: string, fields: Fields, user: ClientStreamUser): ClientStream;
}

/** Bytes in flight of one stream, and of a connection, before the other side must wait: a large body goes through at once. */
export const STREAM_WINDOW_BYTES = 1024 * 1024;
export const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;
