import { createServer } from 'node:net';
import type { Server } from '../../plan/index.ts';
import type { Binding } from '../worker/messages.ts';

/** Where a port goes that cannot be bound. */
const MOVED_BY = 10_000;

export interface BindOptions {
  readonly address: string;
  /** Added to every port; undefined: none, and {@link MOVED_BY} where a port cannot be bound. */
  readonly portOffset?: number;
}

/** `moved`: why it is another port than the server's own, though nobody asked for that. */
export type BindResult = { readonly binding: Binding; readonly moved?: string } | { readonly error: string };

/**
 * Finds a port for a server.
 * @param taken ports that other servers of this plane have
 * @param freed ports of servers that go with this plan: this plane has them still
 */
export async function findBinding(
  server: Server,
  taken: ReadonlySet<number>,
  freed: ReadonlySet<number>,
  { address, portOffset }: BindOptions,
): Promise<BindResult> {
  const candidates =
    portOffset === undefined ? [server.port, server.port + MOVED_BY] : [server.port + portOffset];
  const failures: string[] = [];
  for (let port = candidates.shift(); port !== undefined; port = candidates.shift()) {
    if (port > 65_535) failures.push(`there is no port ${port}`);
    else if (taken.has(port)) {
      failures.push(`port ${port} belongs to another Gateway here`);
      // On a cluster each Gateway has an address of its own; here all have one.
      if (candidates.length === 0) candidates.push(port + MOVED_BY);
    } else {
      const failure = freed.has(port) ? undefined : await tryBind(address, port);
      if (failure === undefined) {
        const binding = { address, port };
        return failures.length === 0 ? { binding } : { binding, moved: failures.join('; ') };
      }
      failures.push(failure);
    }
  }
  return {
    error: `${[...new Set(failures)].join('; ')}. Choose another address or ports by --address or --port-offset`,
  };
}

/** Binds for a moment, alone: workers share a port, but not with another program. Why it cannot be, if so. */
export function tryBind(address: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(explain(error, address, port)));
    probe.listen({ host: address, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  });
}

function explain({ code, message }: NodeJS.ErrnoException, address: string, port: number): string {
  switch (code) {
    case 'EACCES':
      return `port ${port} needs the right to bind ports below 1024`;
    case 'EADDRINUSE':
      return `port ${port} on ${address} is taken by another program`;
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${address}`;
    default:
      return message;
  }
}
