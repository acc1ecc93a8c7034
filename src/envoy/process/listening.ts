import { connect } from 'node:net';
import { monotonicMs, sleep } from '../../kernel/index.ts';
import type { BoundAt } from '../resources/listener/listener-message.ts';

const POLL_MS = 20;

/** Resolves when somebody takes connections: Envoy says that it has taken a listener before its workers listen. @throws after the time */
export async function isListening({ address, port }: BoundAt, timeoutMs: number): Promise<void> {
  const deadline = monotonicMs() + timeoutMs;
  while (!(await accepts(reachable(address), port))) {
    if (monotonicMs() > deadline) throw new Error(`Envoy does not listen on ${address}:${port}`);
    await sleep(POLL_MS);
  }
}

/** Where a socket that is bound to all addresses is reached. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port });
    const end = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
