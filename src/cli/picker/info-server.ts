import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { processMetrics } from '../../control/own-metrics.ts';
import type { ExtProcServer } from '../../envoy/ext-proc/ext-proc-server.ts';
import type { PickerState } from '../../envoy/ext-proc/picker-state.ts';

export interface InfoServerOptions {
  readonly address: string;
  readonly port: number;
  readonly state: PickerState;
  readonly server: ExtProcServer;
}

const DECISIONS = '/v1/decisions/';
const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

/** HTTP for Prometheus and, on this machine, for `breakwater explain --server`. @throws the error of listen(2) */
export async function startInfoServer(options: InfoServerOptions) {
  const http = createServer((request, response) => {
    answer(request, response, options).catch(error => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  await once(http.listen(options.port, options.address), 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { state, server }: InfoServerOptions,
): Promise<void> {
  const { url = '/', method } = request;
  if (method === 'GET' && url === '/metrics') {
    const own = await state.metricsText(registry => server.addMetrics(registry));
    const text = `${own}${await processMetrics()}`;
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  } else if (method === 'GET' && url.startsWith(DECISIONS)) {
    // Without a token only who is on this machine may know who asked for what.
    if (!LOOPBACK.includes(request.socket.remoteAddress ?? '')) {
      json(response, 403, 'BW_UNAUTHORIZED', 'decisions are told on this machine only');
      return;
    }
    const id = url.slice(DECISIONS.length);
    const decision = state.explain(id);
    if (decision === undefined) json(response, 404, 'BW_UNKNOWN_REQUEST', `no decision is kept for ${id}`);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(decision));
  } else json(response, 404, 'BW_NOT_FOUND', `${url} is not served here`);
}

function json(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { code, message } }));
}
