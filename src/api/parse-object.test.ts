import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import type { BackendTrafficPolicy } from './envoy-gateway/backend-traffic-policy.ts';
import type { Gateway } from './gateway-api/gateway.ts';
import type { HTTPRoute } from './gateway-api/http-route.ts';
import { KINDS } from './kinds.ts';
import { parseObject } from './parse-object.ts';

const seed = new URL('../../examples/circuit-breaking/', import.meta.url);

function route(spec: object) {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'r', creationTimestamp: null },
    spec,
  };
}

const messages = (raw: unknown) => parseObject(raw).errors.map(error => error.message);

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

const misspelt = route({
  hostnamez: [],
  rules: [{ matchs: 1, backendRefs: [{ name: 's', port: 1, portt: 1 }] }],
});

test('unknown fields are errors at every depth, with the ones that were meant', () => {
  const { object, errors, warnings } = parseObject(misspelt);
  assert.equal(object, undefined);
  assert.deepEqual(warnings, []);
  assert.deepEqual(errors.map(error => error.message).sort(), [
    'strict decoding error: unknown field "spec.hostnamez"; did you mean "hostnames"?',
    'strict decoding error: unknown field "spec.rules[0].backendRefs[0].portt"; did you mean "port"?',
    'strict decoding error: unknown field "spec.rules[0].matchs"; did you mean "matches"?',
  ]);
});

test('unknown fields are warned of and left out where that is asked for', () => {
  const { object, errors, warnings } = parseObject(misspelt, 'warning');
  assert.deepEqual(errors, []);
  assert.deepEqual(warnings.map(warning => warning.message).sort(), [
    'unknown field "spec.hostnamez"; did you mean "hostnames"?',
    'unknown field "spec.rules[0].backendRefs[0].portt"; did you mean "port"?',
    'unknown field "spec.rules[0].matchs"; did you mean "matches"?',
  ]);
  assert.ok(!JSON.stringify(object).includes('hostnamez'));
});

test('unknown fields of kinds of Kubernetes itself are warned of: each release adds some', () => {
  const { object, errors, warnings } = parseObject({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports: [{ port: 80 }], selektor: {} },
  });
  assert.ok(object !== undefined);
  assert.deepEqual(errors, []);
  assert.deepEqual(
    warnings.map(({ message }) => message),
    ['unknown field "spec.selektor"; did you mean "selector"?'],
  );
});

const policy = (spec: object, kind = 'BackendTrafficPolicy', version = 'v1alpha1') => ({
  apiVersion: `gateway.envoyproxy.io/${version}`,
  kind,
  metadata: { name: 'p' },
  spec: { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'r' }], ...spec },
});

test('of a policy that cannot be read its targets are known all the same', () => {
  for (const unknownFields of ['error', 'newer'] as const) {
    const { object, errors, unreadable } = parseObject(
      policy({ circuitBreaker: { maxParalellRequests: 4 }, targetSelectors: 'x' }),
      unknownFields,
    );
    assert.equal(object, undefined);
    assert.equal(errors.length, 2);
    assert.partialDeepStrictEqual(unreadable, {
      kind: 'BackendTrafficPolicy',
      metadata: { name: 'p', namespace: 'default' },
      spec: { targetRefs: [{ kind: 'HTTPRoute', name: 'r' }] },
    });
  }
});

test('a field that a newer CRD has is an error in what restricts, else a warning', () => {
  const newer = parseObject(route({ colour: 'red' }), 'newer');
  assert.ok(newer.object !== undefined);
  assert.deepEqual(
    newer.warnings.map(({ message }) => message),
    ['unknown field "spec.colour"'],
  );
  assert.equal(parseObject(policy({ colour: 'red' }), 'newer').object, undefined);
});

test('a policy of a kind that is not served is read for its targets, of any kind and version of our groups', () => {
  for (const [kind, version, group] of [
    ['SecurityPolicy', 'v1alpha1'],
    ['SomeNewPolicy', 'v1'],
    ['BackendTrafficPolicy', 'v1beta7'],
    ['BackendTrafficPolicy', 'v1alpha1', 'gateway.envoyproxy.oi'],
  ] as const) {
    const raw = policy({ anything: { goes: 1 } }, kind, version);
    const { object, errors, warnings } = parseObject(
      group === undefined ? raw : { ...raw, apiVersion: `${group}/${version}` },
    );
    assert.deepEqual([errors, warnings], [[], []]);
    assert.equal(object?.kind, kind);
    if (group !== undefined) continue;
    const lenient = parseObject(policy({}, kind, version), 'warning');
    assert.equal(lenient.object, undefined);
    assert.match(lenient.warnings[0]?.message ?? '', /it has no effect/);
  }
});

test('unknown kinds of others are warned of; of our groups they are errors, unless they only add something', () => {
  const parsed = (apiVersion: string, kind: string) => {
    const { object, errors, warnings } = parseObject({ apiVersion, kind, metadata: { name: 'a' } });
    assert.equal(object, undefined);
    return [errors, warnings].map(list => list.map(({ message }) => message.replace(/;.*/, '')));
  };
  const nothing = (kind: string, apiVersion: string) =>
    `no matches for kind "${kind}" in version "${apiVersion}"`;
  for (const [apiVersion, kind] of [
    ['x.io/v1', 'Thing'],
    ['cert-manager.io/v1', 'Certificate'],
    ['gateway.networking.k8s.io/v1', 'GRPCRoute'],
    ['aigateway.envoyproxy.io/v1alpha1', 'AIGatewayRoute'],
  ] as const)
    assert.deepEqual(parsed(apiVersion, kind), [[], [nothing(kind, apiVersion)]]);
  assert.deepEqual(parsed('gateway.networking.k8.io/v1', 'HTTPRoute'), [
    [nothing('HTTPRoute', 'gateway.networking.k8.io/v1')],
    [],
  ]);
  assert.deepEqual(parsed('gateway.networking.x-k8s.io/v1alpha1', 'XMesh')[0], []);
  assert.deepEqual(parsed('networking.k8s.io/v1', 'Ingress')[0], []);
  assert.deepEqual(parsed('gateway.networking.k8s.io/v1', 'HttpRoute'), [
    [nothing('HttpRoute', 'gateway.networking.k8s.io/v1')],
    [],
  ]);
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
