import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { reset } from '../../support/reset.ts';

/** A TCP way to the API server that can be cut, and closed for a while. */
export class Forwarder {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Takes no connections for now: they are reset. */
  closed = false;
  connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param cutAfter bytes of the API server after which the next connection ends, cut wherever that is; asked for each one */
  static async start(
    port: number,
    cutAfter: () => number = () => Number.POSITIVE_INFINITY,
  ): Promise<Forwarder> {
    const server = createServer();
    const forwarder = new Forwarder(server);
    server.on('connection', near => {
      forwarder.connections++;
      if (forwarder.closed) {
        reset(near);
        return;
      }
      const far = connect(port, '127.0.0.1');
      let left = cutAfter();
      forwarder.#keep(near, far);
      near.pipe(far);
      far.on('data', chunk => {
        near.write(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) near.end();
        if (left <= 0) far.destroy();
      });
      far.on('end', () => near.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return forwarder;
  }

  /** Writes a kubeconfig like another one, with this way to the API server. */
  async kubeconfig(like: string): Promise<string> {
    const { port } = this.#server.address() as AddressInfo;
    const path = `${like}-${port}`;
    const text = await readFile(like, 'utf8');
    await writeFile(path, text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`), { mode: 0o600 });
    return path;
  }

  cutAll(): void {
    for (const socket of this.#sockets) reset(socket);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.cutAll();
    await once(this.#server, 'close');
  }

  #keep(near: Socket, far: Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
