import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResourceSet } from '../../api/index.ts';
import { translate } from '../translate.ts';
import { supportedFeatures } from './supported-features.ts';

const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';

function classStatus(spec: object, plane?: 'embedded' | 'envoy'): Record<string, unknown> {
  const object = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name: 'eg' },
    spec: { controllerName, ...spec },
  } as const;
  const { statuses } = translate(buildResourceSet([{ object }]), {
    controllerNames: [controllerName],
    ...(plane === undefined ? {} : { plane }),
  });
  return statuses(undefined)[0]!.status as Record<string, unknown>;
}

test('names are in ascending order, each once (GatewayClassStatus.supportedFeatures)', () => {
  for (const plane of ['embedded', 'envoy'] as const) {
    const names = supportedFeatures(plane);
    assert.deepEqual(names, [...new Set(names)].sort());
    assert.ok(names.includes('HTTPRoute'));
    assert.ok(names.length <= 64, 'at most 64 in the API');
  }
});

test('a class says what it supports once something serves it', () => {
  assert.equal('supportedFeatures' in classStatus({}), false);
  const expected = supportedFeatures('envoy').map(name => ({ name }));
  assert.deepEqual(classStatus({}, 'envoy')['supportedFeatures'], expected);
});

test('a class that is not accepted says nothing of what it supports', () => {
  const parametersRef = {
    group: 'gateway.envoyproxy.io',
    kind: 'EnvoyProxy',
    name: 'none',
    namespace: 'default',
  };
  assert.equal('supportedFeatures' in classStatus({ parametersRef }, 'envoy'), false);
});
