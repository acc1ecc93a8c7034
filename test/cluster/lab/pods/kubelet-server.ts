import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface KubeletServerOptions {
  readonly address: string;
  /** PEM; the API server does not look whose it is. */
  readonly certificate: string;
  readonly key: string;
  /** Fails where there is no such Pod or container. */
  readonly logs: (namespace: string, pod: string, container: string) => Promise<string>;
}

/** What an API server asks a kubelet for `kubectl logs`. Of its parameters it knows `tailLines` alone. */
export class KubeletServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start({ address, certificate, key, logs }: KubeletServerOptions): Promise<KubeletServer> {
    const [cert, privateKey] = await Promise.all([readFile(certificate), readFile(key)]);
    const server = createServer({ cert, key: privateKey }, (request, response) => {
      const url = new URL(request.url ?? '/', 'https://kubelet');
      const [, route, ...rest] = url.pathname.split('/').map(decodeURIComponent);
      const [namespace, pod, container] = rest;
      if (
        route !== 'containerLogs' ||
        namespace === undefined ||
        pod === undefined ||
        container === undefined
      ) {
        response.writeHead(404).end();
        return;
      }
      logs(namespace, pod, container).then(
        text => response.writeHead(200, { 'content-type': 'text/plain' }).end(tail(text, url)),
        (error: Error) => response.writeHead(404).end(error.message),
      );
    });
    await once(server.listen(0, address), 'listening');
    return new KubeletServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function tail(text: string, { searchParams }: URL): string {
  const lines = searchParams.get('tailLines');
  if (lines === null) return text;
  const all = text.split('\n');
  const ended = all.at(-1) === '';
  return all.slice(Math.max(0, all.length - Number(lines) - (ended ? 1 : 0))).join('\n');
}
