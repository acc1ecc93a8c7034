import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Range } from '../pods/range.ts';
import { assignments } from './load-balancers.ts';
import type { LabService } from './service.ts';

const range = new Range(10 << 24, 29);

function service(name: string, spec: LabService['spec'], ip?: string): LabService {
  const status = ip === undefined ? {} : { loadBalancer: { ingress: [{ ip }] } };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'n', uid: name }, spec, status };
}

function assigned(...services: LabService[]): [string, string | undefined][] {
  return assignments(services, range).map(({ service: { metadata }, address }) => [metadata.name, address]);
}

const type = 'LoadBalancer';

test('each gets a free address, once', () => {
  const has = service('has', { type }, '10.0.0.1');
  assert.deepEqual(assigned(has, service('a', { type }), service('b', { type })), [
    ['a', '10.0.0.2'],
    ['b', '10.0.0.3'],
  ]);
  assert.deepEqual(assigned(has), []);
});

test('one that asks for an address gets that or none', () => {
  assert.deepEqual(assigned(service('asks', { type, loadBalancerIP: '10.0.0.5' })), [['asks', '10.0.0.5']]);
  assert.deepEqual(assigned(service('outside', { type, loadBalancerIP: '192.0.2.1' })), []);
  const other = service('other', { type }, '10.0.0.5');
  assert.deepEqual(assigned(other, service('taken', { type, loadBalancerIP: '10.0.0.5' })), []);
  assert.deepEqual(assigned(service('moves', { type, loadBalancerIP: '10.0.0.6' }, '10.0.0.1')), [
    ['moves', '10.0.0.6'],
  ]);
  assert.deepEqual(assigned(service('lost', { type, loadBalancerIP: '192.0.2.1' }, '10.0.0.1')), [
    ['lost', undefined],
  ]);
});

test('another type has none, another implementation is left alone', () => {
  assert.deepEqual(assigned(service('was', { type: 'ClusterIP' }, '10.0.0.1'), service('c', {})), [
    ['was', undefined],
  ]);
  assert.deepEqual(assigned(service('foreign', { type, loadBalancerClass: 'x/y' })), []);
});
