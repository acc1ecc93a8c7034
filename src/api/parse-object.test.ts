import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import type { BackendTrafficPolicy } from './envoy-gateway/backend-traffic-policy.ts';
import type { Gateway } from './gateway-api/gateway.ts';
import type { HTTPRoute } from './gateway-api/http-route.ts';
import { KINDS } from './kinds.ts';
import { messages, route } from './parse-for-test.ts';
import { parseObject } from './parse-object.ts';

const seed = new URL('../../examples/circuit-breaking/', import.meta.url);

for (const file of readdirSync(seed))
  test(`${file} of the seed is taken as it is`, () => {
    for (const document of parseAllDocuments(readFileSync(new URL(file, seed), 'utf8'))) {
      const { object, errors, warnings } = parseObject(document.toJS());
      assert.deepEqual([errors, warnings], [[], []]);
      assert.ok(object !== undefined);
    }
  });

test('defaults are those of the CRDs', () => {
  const { object } = parseObject(
    route({ parentRefs: [{ name: 'g' }], rules: [{ backendRefs: [{ name: 's', port: 80 }] }] }),
  );
  assert.deepEqual((object as HTTPRoute).spec, {
    parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'g' }],
    rules: [
      {
        matches: [{ path: { type: 'PathPrefix', value: '/' } }],
        backendRefs: [{ group: '', kind: 'Service', name: 's', port: 80, weight: 1 }],
      },
    ],
  });
  assert.equal(object?.metadata.namespace, 'default');
});

test('a Gateway allows routes of its own namespace by default', () => {
  const { object } = parseObject({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'g' },
    spec: { gatewayClassName: 'c', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  });
  assert.deepEqual((object as Gateway).spec.listeners[0]?.allowedRoutes, { namespaces: { from: 'Same' } });
});

test('the limits of a circuit breaker default to 1024', () => {
  const { object } = parseObject({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'BackendTrafficPolicy',
    metadata: { name: 'p' },
    spec: {
      targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'r' }],
      circuitBreaker: { maxParallelRequests: 1 },
    },
  });
  assert.deepEqual((object as BackendTrafficPolicy).spec.circuitBreaker, {
    maxConnections: 1024,
    maxPendingRequests: 1024,
    maxParallelRequests: 1,
    maxParallelRetries: 1024,
  });
});

test('what is wrong is said as an API server says it', () => {
  assert.deepEqual(messages(route({ rules: [{ backendRefs: [{ port: 0 }] }] })), [
    'spec.rules[0].backendRefs[0].name: Required value',
    'spec.rules[0].backendRefs[0].port: Invalid value: 0: spec.rules[0].backendRefs[0].port in body should be greater than or equal to 1',
  ]);
  assert.deepEqual(messages(route({ rules: [{ matches: [{ path: { type: 'Glob', value: '/' } }] }] })), [
    'spec.rules[0].matches[0].path.type: Unsupported value: "Glob": supported values: "Exact", "PathPrefix", "RegularExpression"',
  ]);
  assert.deepEqual(messages(route({ hostnames: 'example.com' })), [
    'spec.hostnames: Invalid value: "string": spec.hostnames in body must be of type array: "string"',
  ]);
  assert.deepEqual(messages(route({ rules: Array.from({ length: 17 }, () => ({})) })), [
    'spec.rules: Too many: 17: must have at most 16 items',
  ]);
  assert.match(
    messages(route({ hostnames: ['Example.com'] }))[0] ?? '',
    /^spec\.hostnames\[0\]: Invalid value: "Example\.com": .* should match '/,
  );
});

test('a Secret holds base64, with line breaks or without', () => {
  const secret = (data: object) =>
    messages({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data });
  assert.deepEqual(secret({ a: 'eA==', b: 'eHl6\neA==\n', c: '' }), []);
  assert.deepEqual(secret({ a: 'eA', b: '-----BEGIN' }), [
    'data.a: Invalid value: "string": illegal base64 data',
    'data.b: Invalid value: "string": illegal base64 data',
  ]);
});

test('names and labels have the forms that Kubernetes wants', () => {
  const object = (kind: string, metadata: object) => messages({ apiVersion: 'v1', kind, metadata });
  assert.match(
    object('ConfigMap', { name: 'A_b' })[0] ?? '',
    /^metadata\.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain /,
  );
  assert.match(
    object('Namespace', { name: 'a.b' })[0] ?? '',
    /^metadata\.name: Invalid value: "a\.b": a lowercase RFC 1123 label /,
  );
  assert.match(
    object('ConfigMap', { name: 'a', namespace: 'a.b' })[0] ?? '',
    /^metadata\.namespace: Invalid value: /,
  );
  assert.match(
    object('ConfigMap', { name: 'a', labels: { x: '-' } })[0] ?? '',
    /^metadata\.labels: Invalid value: "-": a valid label /,
  );
  assert.deepEqual(object('ConfigMap', { name: 'a.b', labels: { x: '' } }), []);
});

test('a rule points at the field to mend, and names the one that has the rule', () => {
  const { errors } = parseObject(
    route({
      rules: [{ backendRefs: [{ name: 's', port: 80 }], timeouts: { request: '1s', backendRequest: '2s' } }],
    }),
  );
  assert.deepEqual(errors, [
    {
      path: ['spec', 'rules', 0, 'timeouts', 'backendRequest'],
      type: 'invalid',
      message:
        'spec.rules[0].timeouts: Invalid value: "object": backendRequest timeout cannot be longer than request timeout',
    },
  ]);
});

test('of a kind that is read in other versions these are named', () => {
  const { errors } = parseObject({
    apiVersion: 'gateway.networking.k8s.io/v1alpha2',
    kind: 'HTTPRoute',
    metadata: { name: 'r' },
  });
  assert.match(
    errors[0]?.message ?? '',
    /; read is gateway\.networking\.k8s\.io\/v1, gateway\.networking\.k8s\.io\/v1beta1$/,
  );
});

test('kinds without a namespace get none', () => {
  const { object } = parseObject({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'a', namespace: 'b' },
  });
  assert.equal(object?.metadata.namespace, undefined);
});

test('no JSON makes it throw', () => {
  const kind = fc.constantFrom(...KINDS);
  fc.assert(
    fc.property(kind, fc.jsonValue(), fc.jsonValue(), ({ group, versions, kind: name }, metadata, spec) => {
      parseObject({
        apiVersion: group === '' ? versions[0] : `${group}/${versions[0]}`,
        kind: name,
        metadata,
        spec,
      });
    }),
  );
  fc.assert(fc.property(fc.jsonValue(), raw => void parseObject(raw)));
});

test('a null in a patch is a field that it takes away; elsewhere it is nothing', () => {
  const { object } = parseObject({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'EnvoyProxy',
    metadata: { name: 'x', creationTimestamp: null },
    spec: {
      concurrency: null,
      provider: {
        type: 'Kubernetes',
        kubernetes: { envoyService: { patch: { type: null, value: { spec: { selector: null } } } } },
      },
    },
  });
  assert.deepEqual((object as { spec: object }).spec, {
    logging: { level: { default: 'warn' } },
    provider: {
      type: 'Kubernetes',
      kubernetes: {
        envoyService: {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          patch: { value: { spec: { selector: null } } },
        },
      },
    },
  });
});
