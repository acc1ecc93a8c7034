import { ByteBudget, FaultLog } from '../../kernel/index.ts';
import { type GrpcMethods, GrpcServer, type GrpcServerOptions } from './grpc-server.ts';
import type { GrpcCall } from './server-call.ts';

/** A server of ours, and what it tells. */
export interface ServerScene {
  readonly server: GrpcServer;
  readonly buffers: ByteBudget;
  readonly badInput: string[];
  readonly faults: string[];
}

export async function serverFor(
  methods: GrpcMethods,
  options: Partial<GrpcServerOptions> = {},
): Promise<ServerScene> {
  const buffers = ByteBudget.create(16 * 1024 * 1024);
  const badInput: string[] = [];
  const faults: string[] = [];
  const server = await GrpcServer.start({
    listen: { address: '127.0.0.1', port: 0 },
    tls: undefined,
    methods,
    maxMessageBytes: 1024 * 1024,
    buffers,
    maxStreamsPerConnection: 1000,
    maxConnections: 100,
    handshakeTimeoutMs: 5000,
    keepaliveMs: 60_000,
    keepaliveTimeoutMs: 60_000,
    onBadInput: (_, reason) => badInput.push(reason),
    faults: new FaultLog(line => faults.push(line)),
    ...options,
  });
  return { server, buffers, badInput, faults };
}

/** Sends back what comes. */
export const echo = (call: GrpcCall) => ({
  message: (bytes: Buffer) => {
    call.send([bytes]);
  },
  halfClosed: () => call.end(),
  closed: () => {},
});
