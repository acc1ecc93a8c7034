import { once } from 'node:events';
import { connect } from 'node:tls';
import { secret } from '../../proxy/support/certificates.ts';
import { type Manifests, plainRoute } from '../../proxy/support/manifests.ts';
import { readResponse } from '../../proxy/support/message.ts';
import { Wire } from '../../proxy/support/wire.ts';
import type { Scenario } from '../support/scenario.ts';
import { brief } from '../support/seen.ts';

/** A Gateway for a.example; a ListenerSet with a listener of the same name on the same port for *.b.example; a route on each. */
const manifests: Manifests = (port, upstreams) =>
  plainRoute({
    protocol: 'HTTPS',
    gateway: 'allowedListeners: { namespaces: { from: Same } }',
    listener: 'hostname: a.example\ntls: { certificateRefs: [{ name: a }] }',
    rule: 'matches: [{ path: { value: /gateway } }]',
    more: [
      `apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: { name: more }
spec:
  parentRef: { name: gateway }
  listeners:
  - { name: main, port: ${port}, protocol: HTTPS, hostname: "*.b.example", tls: { certificateRefs: [{ name: b }] } }
`,
      `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: of-set }
spec:
  parentRefs: [{ kind: ListenerSet, name: more }]
  rules:
  - matches: [{ path: { value: /set } }]
    backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: servers }]
`,
      secret('a', 'a.example'),
      secret('b', 'wildcard'),
    ].join('---\n'),
  })(port, upstreams);

/** Listeners that a Gateway has from elsewhere (Gateway API, ListenerSet). */
export const LISTENER_SETS: readonly Scenario[] = [
  {
    name: 'ListenerSets: each listener has its own certificate and its own routes, on one port',
    manifests,
    run: async ({ port }) => {
      const seen: Record<string, string> = {};
      for (const host of ['a.example', 'x.b.example']) {
        for (const path of ['/gateway', '/set']) {
          const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, servername: host });
          socket.on('error', () => {});
          await once(socket, 'secureConnect');
          const { CN } = socket.getPeerCertificate().subject;
          const client = new Wire(socket);
          client.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
          seen[`${host}${path}`] = `${CN}: ${brief(await readResponse(client))}`;
          client.destroy();
        }
      }
      return seen;
    },
    gives: {
      'a.example/gateway': 'a.example: 200 ok',
      'a.example/set': 'a.example: 404',
      'x.b.example/gateway': '*.b.example: 404',
      'x.b.example/set': '*.b.example: 200 ok',
    },
  },
];
