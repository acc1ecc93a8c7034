import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { buildResourceSet, type KubeObject, parseObject } from '../../api/index.ts';
import { translate } from '../index.ts';
import { optionsForUs } from './tls-options.ts';

test('TLS options of other domains are for others', () => {
  const options = {
    'min-version': '1.3',
    'gateway.envoyproxy.io/ciphers': 'a',
    'tls.breakwater.dev/x': 'b',
    'networking.gke.io/pre-shared-certs': 'c',
    'notbreakwater.dev/x': 'd',
  };
  assert.deepEqual(optionsForUs(options), [
    'min-version',
    'gateway.envoyproxy.io/ciphers',
    'tls.breakwater.dev/x',
  ]);
  assert.deepEqual(optionsForUs(undefined), []);
});

const manifests = (listenerOptions: string, policyOptions: string) => `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: demo }
spec: { controllerName: example.com/ours }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec:
  gatewayClassName: demo
  listeners:
    - { name: web, protocol: HTTP, port: 80 }
    - { name: secure, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: c }], options: ${listenerOptions} } }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: b }
spec: { endpoints: [{ ip: { address: 10.0.0.1, port: 443 } }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: p }
spec:
  targetRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: b }]
  validation: { hostname: a.test, wellKnownCACertificates: System }
  options: ${policyOptions}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: r }
spec:
  parentRefs: [{ name: gw, sectionName: web }]
  rules: [{ backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: b }] }]
`;

function translated(listenerOptions: string, policyOptions: string) {
  const entries = parseAllDocuments(manifests(listenerOptions, policyOptions)).map(document => ({
    object: parseObject(document.toJS()).object as KubeObject,
  }));
  const { plan, problems, statuses } = translate(buildResourceSet(entries), {
    controllerNames: ['example.com/ours'],
  });
  const action = plan.servers[0]?.listeners[0]?.virtualHosts[0]?.routes[0]?.action;
  const target = action?.kind === 'forward' ? action.backends[0]?.target : undefined;
  const status = (name: string) =>
    JSON.stringify(statuses({ version: plan.version, servers: [] }).find(each => each.name === name)?.status);
  const codes = problems.flatMap(({ severity, code, path }) =>
    path.at(-1) === 'options' ? `${severity} ${code}` : [],
  );
  return { target, status, codes };
}

test('a policy with an option that nobody honours closes its targets', () => {
  const { target, status, codes } = translated('{ a.test/x: y }', '{ min-version: "1.3" }');
  assert.equal(target?.kind, 'invalid');
  assert.match(status('p') ?? '', /"reason":"Invalid","message":"Cannot honour the TLS options min-version/);
  assert.deepEqual(codes.sort(), ['error policy-invalid', 'warning field-without-effect']);
});

test('a listener with an option that nobody honours is not accepted', () => {
  const { target, status, codes } = translated('{ min-version: "1.3" }', '{ a.test/x: y }');
  assert.equal(target?.kind, 'cluster');
  assert.match(status('gw') ?? '', /"reason":"UnsupportedValue","message":"Cannot honour the TLS options/);
  assert.deepEqual(codes.sort(), ['error listener-invalid', 'warning field-without-effect']);
});
