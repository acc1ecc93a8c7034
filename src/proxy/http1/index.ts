import type { ClientCodec } from '../codec/client-codec.ts';
import type { UpstreamCodec } from '../codec/upstream-codec.ts';
import { Http1Connection } from './client/http1-connection.ts';
import { ConnectionPool } from './upstream/connection-pool.ts';

/** HTTP/1.1 (RFC 9112), to clients. */
export const HTTP1_CLIENTS: ClientCodec = {
  alpn: 'http/1.1',
  accept: (socket, via, context, serve, onClosed) =>
    new Http1Connection(socket, via, context, serve, onClosed),
};

/** The same, to model servers: all of them speak it. */
export const HTTP1_UPSTREAM: UpstreamCodec = {
  speaks: () => true,
  connections: parts => new ConnectionPool(parts),
};
