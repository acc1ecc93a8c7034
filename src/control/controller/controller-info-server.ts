import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BreakwaterError } from '../../kernel/breakwater-error.ts';

export interface ControllerInfo {
  /** Why it is not ready to serve; undefined: it is. */
  notReady(): string | undefined;
  /** What other replicas ask: the HTTP status to answer with; undefined: it is nothing of theirs. */
  replicaAsks(url: string): number | undefined;
  /** Prometheus text format 0.0.4. */
  metricsText(): Promise<string>;
}

/**
 * HTTP for a kubelet and for Prometheus: `/livez`, `/readyz`, `/metrics`. Ready is about serving: a replica that does not lead
 * is ready as well, and one whose API server is away goes on.
 */
export async function startInfoServer(address: string, port: number, info: ControllerInfo) {
  const http = createServer((request, response) => {
    answer(request.url ?? '/', response, info).catch(error => text(response, 500, String(error)));
  });
  await once(http.listen(port, address), 'listening').catch((cause: Error) => {
    throw new BreakwaterError('BW_ADDRESS_IN_USE', `--info-port ${port}: ${cause.message}`, { cause });
  });
  return {
    port: (http.address() as AddressInfo).port,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

async function answer(url: string, response: ServerResponse, info: ControllerInfo): Promise<void> {
  switch (url) {
    case '/livez':
      text(response, 200, 'ok');
      break;
    case '/readyz': {
      const why = info.notReady();
      text(response, why === undefined ? 200 : 503, why ?? 'ok');
      break;
    }
    case '/metrics':
      text(response, 200, await info.metricsText(), '; version=0.0.4');
      break;
    default: {
      const status = info.replicaAsks(url);
      if (status === undefined) text(response, 404, `${url} is not served here`);
      else text(response, status, '');
    }
  }
}

function text(response: ServerResponse, status: number, body: string, parameter = ''): void {
  response.writeHead(status, { 'content-type': `text/plain${parameter}; charset=utf-8` }).end(body);
}
