import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseObject } from '../../api/index.ts';
import { featuresOf } from './policy-features.ts';
import type { PolicySpec } from './policy-spec.ts';
import { valueErrors } from './policy-values.ts';

const active = { type: 'HTTP', http: { path: '/health' } } as const;

/** Each is taken by the CRD; each made Envoy refuse the whole configuration, or a health check end the process. */
const REFUSED: readonly (readonly [field: string, spec: PolicySpec])[] = [
  ['timeout.tcp.connectTimeout', { timeout: { tcp: { connectTimeout: '0s' } } }],
  ['healthCheck.passive.interval', { healthCheck: { passive: { interval: '0s' } } }],
  ['healthCheck.passive.baseEjectionTime', { healthCheck: { passive: { baseEjectionTime: '0h0m' } } }],
  ['healthCheck.active.interval', { healthCheck: { active: { ...active, interval: '0ms' } } }],
  ['healthCheck.active.timeout', { healthCheck: { active: { ...active, timeout: '0s' } } }],
  ...['/health check', 'health', '/a\r\nx: y', '/\u0000', '/é', '/#a'].map(
    path =>
      [
        'healthCheck.active.http.path',
        { healthCheck: { active: { type: 'HTTP', http: { path } } } },
      ] as const,
  ),
  ...['CONNECT', 'FOO', 'G T', ''].map(
    method =>
      [
        'healthCheck.active.http.method',
        { healthCheck: { active: { type: 'HTTP', http: { path: '/', method } } } },
      ] as const,
  ),
  ['faultInjection.delay.fixedDelay', { faultInjection: { delay: { fixedDelay: '0s' } } }],
  ['faultInjection.abort.httpStatus', { faultInjection: { abort: { httpStatus: 600 } } }],
  ...['5Gi', 0, -1, 4_294_967_296, '1Ei'].map(
    limit => ['requestBuffer.limit', { requestBuffer: { limit } }] as const,
  ),
  ['requestBuffer.limit', { requestBuffer: {} }],
];

for (const [field, spec] of REFUSED) {
  test(`${JSON.stringify(spec)} is taken by the CRD and refused by name`, () => {
    const object = {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'BackendTrafficPolicy',
      metadata: { name: 'p', namespace: 'default' },
      spec: { ...spec, targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'r' }] },
    };
    assert.deepEqual(parseObject(object).errors, []);
    const [error, ...more] = valueErrors(spec);
    assert.deepEqual(more, []);
    assert.equal(error?.path.join('.'), `spec.${field}`);
    assert.ok(error?.message.startsWith(`invalid spec.${field}: must be `), error?.message);
    // Nothing of it is applied in part.
    assert.deepEqual(Object.keys(featuresOf(spec)), ['error']);
    // A control character is told as JSON has it.
    assert.doesNotMatch(error?.message ?? '', /[^ -~é…]/);
  });
}

test('the largest and the smallest values that there are, are applied', () => {
  const huge = '99999h99999h99999h99999h';
  const spec: PolicySpec = {
    timeout: { tcp: { connectTimeout: huge } },
    requestBuffer: { limit: 4_294_967_295 },
    healthCheck: { passive: { interval: '1ms', baseEjectionTime: huge } },
    faultInjection: { abort: { httpStatus: 599 }, delay: { fixedDelay: '1ms' } },
  };
  assert.deepEqual(valueErrors(spec), []);
  assert.equal(featuresOf(spec).error, undefined);
});
