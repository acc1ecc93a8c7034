import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { runFor } from '../../kernel/index.ts';
import { NodeClientStream } from './node-http2-stream.ts';
import {
  type ClientConnectionUser,
  type ClientStream,
  type ClientStreamUser,
  type ClientTransport,
  type ConnectTo,
  type Fields,
  STREAM_WINDOW_BYTES,
} from './transport.ts';

/** TCP's own probes, for a server that died without a word. */
const KEEPALIVE_MS = 10_000;
/** Node's default of 10 MB is used up by the buffers of some thousand streams. Megabytes. */
const MAX_SESSION_MEMORY_MB = 1024;

/** {@link ClientTransport} by node:http2. It does not keep the process running. */
export class NodeHttp2Client implements ClientTransport {
  readonly #session: ClientHttp2Session;

  constructor({ address: host, port, tls }: ConnectTo, user: ClientConnectionUser) {
    const to = { host, port, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS };
    const session = connect(`${tls === undefined ? 'http' : 'https'}://${authorityOf(host, port)}`, {
      createConnection: () => {
        if (tls === undefined) return connectTcp(to);
        const socket = connectTls({ ...to, ...tls, ALPNProtocols: ['h2'], rejectUnauthorized: false });
        return socket.once('secureConnect', () =>
          runFor(user, () => {
            const problem = user.secured?.(socket);
            if (problem !== undefined) session.destroy(new Error(problem));
          }),
        );
      },
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
    });
    this.#session = session;
    let reason: string | undefined;
    session.on('error', error => {
      reason = error.message;
    });
    // Only this proves that somebody who speaks HTTP/2 is there.
    session.once('remoteSettings', () => runFor(user, () => user.spoke()));
    session.once('goaway', () => runFor(user, () => user.goingAway()));
    session.once('close', () => runFor(user, () => user.closed(reason)));
    session.unref();
  }

  open(path: string, authority: string, fields: Fields, user: ClientStreamUser): ClientStream {
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      ':authority': authority,
      ...(fields as Record<string, string>),
    });
    return new NodeClientStream(stream, user);
  }

  destroy(): void {
    this.#session.destroy();
  }

  goAway(): void {
    this.#session.close();
  }

  ping(answered: () => void): void {
    if (this.#session.destroyed) return;
    this.#session.ping(error => {
      if (error === null) answered();
    });
  }
}

/** ADDRESS:PORT */
export function authorityOf(address: string, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
