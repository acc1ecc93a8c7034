import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, parseObject } from '../../api/index.ts';
import { translate } from '../index.ts';

const GATEWAY_API = 'gateway.networking.k8s.io';
const FRAME = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: demo }
spec: { controllerName: example.com/ours }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec: { gatewayClassName: demo, listeners: [{ name: web, protocol: HTTP, port: 80 }] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: b }
spec: { endpoints: [{ ip: { address: 10.0.0.1, port: 443 } }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r }
spec:
  parentRefs: [{ name: gw }]
  rules: [{ backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: b }] }]
`;

const WELL_KNOWN = 'validation: { hostname: a.test, wellKnownCACertificates: System }';
const ABSENT =
  "validation: { hostname: a.test, caCertificateRefs: [{ group: '', kind: ConfigMap, name: absent }] }";
const MISSPELT = 'validation: { hostname: a.test, wellKnownCACertificates: System, hostName: b.test }';

/** What becomes of a request to the Backend that the policy is about. */
function sent(plane: 'embedded' | 'envoy', version: string, spec: string): string {
  const policy = `---
apiVersion: ${GATEWAY_API}/${version}
kind: BackendTLSPolicy
metadata: { name: p }
spec: { targetRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: b }], ${spec} }
`;
  const entries = parseAllDocuments(FRAME + policy).flatMap(document => {
    const { object, unreadable } = parseObject(document.toJS());
    const counts = object ?? unreadable;
    return counts === undefined ? [] : [{ object: counts }];
  });
  const { plan } = translate(buildResourceSet(entries), { controllerNames: ['example.com/ours'], plane });
  const action = plan.servers[0]!.listeners[0]!.virtualHosts[0]!.routes[0]!.action;
  if (action.kind === 'direct') return String(action.status);
  const targets = action.kind === 'forward' ? action.backends.map(({ target }) => target) : [];
  const [target] = targets;
  if (target?.kind === 'invalid') return String(target.status);
  return plan.clusters.some(({ tls }) => tls !== undefined) ? 'TLS' : 'plain text';
}

for (const plane of ['embedded', 'envoy'] as const)
  for (const version of ['v1', 'v1alpha3', 'v1alpha2', 'v1beta9'])
    test(`${plane}: what a BackendTLSPolicy of ${version} is about is never sent in plain text`, () => {
      const read = version === 'v1' || version === 'v1alpha3';
      assert.equal(sent(plane, version, WELL_KNOWN), read ? 'TLS' : '500');
      assert.equal(sent(plane, version, ABSENT), '500');
      assert.equal(sent(plane, version, MISSPELT), '500');
    });
