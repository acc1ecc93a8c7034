import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { caConfigMap, pem, secret } from '../../proxy/support/certificates.ts';
import type { Scene } from '../../proxy/support/gateway.ts';
import { plainRoute } from '../../proxy/support/manifests.ts';
import type { Scenario } from '../support/scenario.ts';

interface Case {
  /** `validation` of the BackendTLSPolicy. */
  readonly validation: string;
  /** More fields of the Gateway. */
  readonly gateway?: string;
  readonly policy?: string;
}

/** A backend that speaks TLS alone, with the certificate of a.example, and tells what it was shown. */
async function startBackend() {
  const server = createServer(
    {
      cert: pem('a.example', 'crt'),
      key: pem('a.example', 'key'),
      ca: pem('any', 'crt'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const socket = request.socket as TLSSocket & { readonly servername?: string };
      const { subject } = socket.getPeerCertificate();
      response.end(`sni=${socket.servername} client=${subject?.CN ?? 'none'} valid=${socket.authorized}`);
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: { address: '127.0.0.1', port: (server.address() as AddressInfo).port },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function manifests({ validation, gateway, policy }: Case, port: number, endpoint: object): string {
  const more = `apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: tls }
spec:
  targetRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: servers }]
  validation: { ${validation} }
`;
  return plainRoute({
    more: [more, caConfigMap('a', 'a.example'), caConfigMap('other', 'any'), secret('client', 'any')].join(
      '---\n',
    ),
    ...(gateway === undefined ? {} : { gateway }),
    ...(policy === undefined ? {} : { policy }),
  })(port, [endpoint] as Scene['upstreams']);
}

const ASK = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

async function run({ port, apply, send }: Scene, cases: readonly Case[]) {
  const backend = await startBackend();
  try {
    const seen: string[] = [];
    for (const each of cases) {
      await apply(manifests(each, port, backend.endpoint));
      const { status, body } = await send(ASK);
      // The session of a health check may be resumed, of which Node tells no name.
      seen.push(status === 200 && each.policy === undefined ? body : `${status}`);
    }
    return seen;
  } finally {
    await backend.close();
  }
}

const ca = (name: string) => `caCertificateRefs: [{ group: "", kind: ConfigMap, name: ${name} }]`;
const trusted = (more = '') => ({ validation: `hostname: a.example, ${ca('a')}${more}` });
const SECURE = 'sni=a.example client=none valid=false';

function row(name: string, gives: readonly string[], ...cases: readonly Case[]): Scenario {
  return { name: `TLS to backends: ${name}`, run: scene => run(scene, cases), gives };
}

/** Backends that speak TLS (Gateway API, BackendTLSPolicy). */
export const BACKEND_TLS: readonly Scenario[] = [
  row('a certificate of the name that is asked for', [SECURE], trusted()),
  row('one of another name', ['503'], { validation: `hostname: b.example, ${ca('a')}` }),
  row('one that another authority has signed', ['503'], {
    validation: `hostname: a.example, ${ca('other')}`,
  }),
  row(
    'names that it must have, one of them',
    [SECURE],
    trusted(
      ', subjectAltNames: [{ type: URI, uri: "spiffe://a/b" }, { type: Hostname, hostname: a.example }]',
    ),
  ),
  row(
    'names that it has none of',
    ['503'],
    trusted(
      ', subjectAltNames: [{ type: URI, uri: "spiffe://a/b" }, { type: Hostname, hostname: b.example }]',
    ),
  ),
  row('names that it must have, whatever name is asked for', ['sni=b.example client=none valid=false'], {
    validation: `hostname: b.example, ${ca('a')}, subjectAltNames: [{ type: Hostname, hostname: a.example }]`,
  }),
  row('authorities of the system', ['503'], {
    validation: 'hostname: a.example, wellKnownCACertificates: System',
  }),
  row('a certificate of the Gateway', ['sni=a.example client=any.example valid=true'], {
    ...trusted(),
    gateway: 'tls: { backend: { clientCertificateRef: { name: client } } }',
  }),
  row(
    'what is trusted changes, and connections that were made before are not used',
    [SECURE, '503', SECURE],
    trusted(),
    { validation: `hostname: a.example, ${ca('other')}` },
    trusted(),
  ),
  row('health checks speak it too', ['200'], {
    ...trusted(),
    policy: `healthCheck: { panicThreshold: 0, active: { type: HTTP, interval: 1s, timeout: 1s, http: { path: /, expectedStatuses: [200] } } }`,
  }),
];
