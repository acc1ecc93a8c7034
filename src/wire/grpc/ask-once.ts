import type { TLSSocket } from 'node:tls';
import { toError } from '../../kernel/index.ts';
import { type CallOptions, GrpcClientCall } from './client-call.ts';
import { type GrpcStatus, INTERNAL, OK, UNAVAILABLE } from './grpc-status.ts';
import { authorityOf, NodeHttp2Client } from './node-http2-client.ts';
import type { ConnectTo } from './transport.ts';

/** What became of a unary call. */
export type UnaryAnswer =
  | { readonly message: Buffer }
  /** Never {@link OK}. */
  | { readonly failed: GrpcStatus };

export interface AskOnceOptions extends CallOptions {
  /** Default: ADDRESS:PORT. */
  readonly authority?: string;
  /** Connection and answer together. */
  readonly timeoutMs: number;
  /** The handshake of TLS is over: why there is to be no connection with this server. Default: any certificate is good. */
  readonly secured?: (socket: TLSSocket) => string | undefined;
}

/** A unary call on a connection of its own: nobody else's connection hides that this server takes none. */
export function askOnce(at: ConnectTo, request: Buffer, options: AskOnceOptions): Promise<UnaryAnswer> {
  const { secured } = options;
  const authority = options.authority ?? authorityOf(at.address, at.port);
  return new Promise((resolve, reject) => {
    let message: Buffer | undefined;
    let failed: GrpcStatus | undefined;
    const fault = (thrown: unknown) => {
      reject(toError(thrown));
      transport.destroy();
    };
    const transport = new NodeHttp2Client(at, {
      ...(secured && { secured }),
      spoke: () => {},
      goingAway: () => {},
      fault,
      closed: reason => {
        // Of a call whose connection failed, the connection knows why.
        if (reason !== undefined && failed?.code === UNAVAILABLE)
          failed = { code: UNAVAILABLE, message: reason };
        if (failed !== undefined) resolve({ failed });
        else if (message !== undefined) resolve({ message });
        else resolve({ failed: { code: UNAVAILABLE, message: reason ?? 'the connection was closed' } });
      },
    });
    try {
      const asked = new GrpcClientCall(transport, authority, options, {
        message: bytes => {
          if (message !== undefined) failed = { code: INTERNAL, message: 'more than one message' };
          message = bytes;
        },
        closed: status => {
          if (status.code !== OK) failed = status;
          else if (message === undefined) failed = { code: INTERNAL, message: 'no message' };
          transport.destroy();
        },
        fault,
      });
      asked.send([request]);
      asked.halfClose();
    } catch (error) {
      fault(error);
    }
  });
}
