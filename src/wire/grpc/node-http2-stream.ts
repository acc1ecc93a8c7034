import {
  type ClientHttp2Stream,
  constants,
  type Http2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type ServerHttp2Stream,
} from 'node:http2';
import type {
  ClientStream,
  ClientStreamUser,
  Fields,
  ServerStream,
  StreamUser,
  TransportStream,
} from './transport.ts';

/** Node's listeners find by it whom they are for: they are functions of the module, so that a stream makes none. */
const OWNER = Symbol('owner');

interface Owned {
  readonly [OWNER]: NodeStream<StreamUser>;
}
interface OwnedByClient {
  readonly [OWNER]: NodeClientStream;
}

abstract class NodeStream<User extends StreamUser> implements TransportStream {
  protected readonly stream: Http2Stream;
  user: User | undefined;
  /** Most streams never have more on their way than the other side reads, and no listener for it. */
  #tellsDrained = false;

  constructor(stream: Http2Stream, user: User | undefined) {
    this.stream = stream;
    this.user = user;
    (stream as unknown as { [OWNER]: unknown })[OWNER] = this;
  }

  get isGone(): boolean {
    return this.stream.destroyed;
  }

  write(bytes: Buffer): boolean {
    const { stream } = this;
    if (stream.destroyed || stream.writableEnded || stream.write(bytes)) return true;
    if (!this.#tellsDrained) stream.on('drain', onDrain);
    this.#tellsDrained = true;
    return false;
  }

  reset(): void {
    if (!this.stream.destroyed) this.stream.close(constants.NGHTTP2_CANCEL);
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  protected listen(): void {
    const { stream } = this;
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('close', onClose);
  }
}

/** The server's side of a stream of node:http2. */
export class NodeServerStream extends NodeStream<StreamUser> implements ServerStream {
  readonly method: string;
  readonly path: string;
  readonly fields: Fields;
  trailers: Fields | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    super(stream, undefined);
    this.method = (headers[':method'] as string | undefined) ?? '';
    this.path = (headers[':path'] as string | undefined) ?? '';
    this.fields = headers;
    stream.on('error', ignored);
  }

  use(user: StreamUser): void {
    this.user = user;
    this.listen();
    this.stream.on('wantTrailers', onWantTrailers);
    this.stream.on('aborted', onClose);
  }

  respond(fields: Fields): void {
    const stream = this.stream as ServerHttp2Stream;
    if (!stream.destroyed) stream.respond(fields as IncomingHttpHeaders, WAIT_FOR_TRAILERS);
  }

  finish(trailers: Fields): void {
    this.trailers = trailers;
    if (this.stream.destroyed) return;
    this.stream.end();
    // What else comes is of no use: it is read and thrown away, so that the stream can end.
    this.stream.resume();
  }

  refuse(status: number, fields: Fields): void {
    const stream = this.stream as ServerHttp2Stream;
    if (stream.destroyed) return;
    stream.respond({ ...(fields as IncomingHttpHeaders), ':status': status }, END_STREAM);
    stream.resume();
  }
}

/** The client's side of a stream of node:http2. */
export class NodeClientStream extends NodeStream<ClientStreamUser> implements ClientStream {
  constructor(stream: ClientHttp2Stream, user: ClientStreamUser) {
    super(stream, user);
    this.listen();
    stream.on('response', onResponse);
    stream.on('trailers', onTrailers);
    stream.on('error', onError);
  }

  end(): void {
    if (!this.stream.destroyed && !this.stream.writableEnded) this.stream.end();
  }
}

const WAIT_FOR_TRAILERS = { waitForTrailers: true };
const END_STREAM = { endStream: true };

function ignored(): void {
  // 'close' follows, and tells.
}

function onData(this: unknown, chunk: Buffer): void {
  (this as Owned)[OWNER].user?.data(chunk);
}

function onEnd(this: unknown): void {
  const stream = this as Owned & Http2Stream;
  // Of a stream that was reset Node says both.
  if (!stream.aborted) stream[OWNER].user?.ended();
}

function onDrain(this: unknown): void {
  (this as Owned)[OWNER].user?.drained();
}

function onClose(this: unknown): void {
  const owner = (this as Owned)[OWNER];
  const { user } = owner;
  owner.user = undefined;
  user?.closed();
}

function onWantTrailers(this: unknown): void {
  const stream = this as ServerHttp2Stream & { readonly [OWNER]: NodeServerStream };
  stream.sendTrailers((stream[OWNER].trailers ?? {}) as IncomingHttpHeaders);
}

function onResponse(this: unknown, headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
  const status = headers[':status'] ?? 0;
  (this as OwnedByClient)[OWNER].user?.answered(status, headers as unknown as Fields);
}

function onTrailers(this: unknown, headers: IncomingHttpHeaders): void {
  (this as OwnedByClient)[OWNER].user?.trailers(headers);
}

function onError(this: unknown, error: Error): void {
  (this as OwnedByClient)[OWNER].user?.failed(error.message);
}
