import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A backend that answers 200 to everything. */
export class Echo {
  readonly #server: Server;
  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Echo> {
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Echo(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

const PATIENCE_MS = 5_000;

/** The status that a host gets; 0: none, and why. */
export function statusOf(
  port: number,
  host: string,
  path = '/',
  timeout = PATIENCE_MS,
  headers: Readonly<Record<string, string>> = {},
): Promise<number | string> {
  return new Promise(resolve => {
    const asked = request(
      { host: '127.0.0.1', port, path, agent: false, headers: { host, ...headers }, timeout },
      response => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', error => resolve(error.message));
    asked.end();
  });
}

const GATEWAY = (port: number) => `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: c }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec: { gatewayClassName: c, listeners: [{ name: web, protocol: HTTP, port: ${port} }] }
---
`;

/** A Gateway, and a route for each name, with a host, a Backend and so a cluster of its own: `NAME.test`. */
export function hosts(port: number, backendPort: number, names: readonly string[]): string {
  return (
    GATEWAY(port) +
    names
      .map(
        name => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: gw }]
  hostnames: [${name}.test]
  rules: [{ backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: echo }] }]
---
`,
      )
      .join('') +
    `apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: echo }
spec: { endpoints: [{ ip: { address: 127.0.0.1, port: ${backendPort} } }] }
`
  );
}
