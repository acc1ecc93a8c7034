import { once } from 'node:events';
import { connect } from 'node:net';
import type { Container } from './pod.ts';

const TIMEOUT_MS = 1000;

/** Its readiness probe, else whether its first port takes connections; a container without either is ready once it runs. */
export async function isReady({ readinessProbe, ports = [] }: Container, address: string): Promise<boolean> {
  const { httpGet, tcpSocket } = readinessProbe ?? {};
  try {
    if (httpGet !== undefined) {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const url = `http://${address}:${numberOf(httpGet.port, ports)}${httpGet.path ?? '/'}`;
      return (await fetch(url, { signal })).ok;
    }
    const port = tcpSocket === undefined ? ports[0]?.containerPort : numberOf(tcpSocket.port, ports);
    if (port === undefined) return true;
    const socket = connect(port, address);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
      return true;
    } finally {
      socket.destroy();
    }
  } catch {
    return false;
  }
}

/** Ports may be named. */
function numberOf(
  port: number | string,
  ports: readonly { readonly name?: string; readonly containerPort: number }[],
): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}
