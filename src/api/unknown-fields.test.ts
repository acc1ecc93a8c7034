import assert from 'node:assert/strict';
import { test } from 'node:test';
import { route } from './parse-for-test.ts';
import { parseObject } from './parse-object.ts';

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
