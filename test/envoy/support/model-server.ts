import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A model server that a test answers for; it counts what it has at once. */
export class ModelServer {
  readonly port: number;
  readonly requests: ReceivedRequest[] = [];
  /** What its metrics say. */
  running = 0;
  atOnce = 0;
  most = 0;
  readonly #server: ReturnType<typeof createServer>;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  static async start(
    answer: (request: ReceivedRequest, response: ServerResponse) => void,
  ): Promise<ModelServer> {
    const server = createServer();
    server.keepAliveTimeout = 0;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const started = new ModelServer(server);
    server.on('request', (request, response) => void started.#serve(request, response, answer));
    return started;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    answer: (request: ReceivedRequest, response: ServerResponse) => void,
  ): Promise<void> {
    if (request.url === '/metrics') {
      response.end(
        `vllm:num_requests_running{model_name="m"} ${this.running}
vllm:num_requests_waiting{model_name="m"} 0
`,
      );
      return;
    }
    this.atOnce++;
    this.most = Math.max(this.most, this.atOnce);
    response.once('close', () => this.atOnce--);
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = {
        method: request.method ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      this.requests.push(received);
      answer(received, response);
    });
  }
}
