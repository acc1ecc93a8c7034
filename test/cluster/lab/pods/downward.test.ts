import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { downward } from './downward.ts';
import type { Container, LabPod } from './pod.ts';

const container: Container = {
  name: 'c',
  image: 'x',
  resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { memory: 1000 } },
};
const pod: LabPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { b: '2', a: 'x"y' } },
  spec: { nodeName: 'lab', containers: [container] },
};
const addresses = { pod: '10.0.0.2', node: '10.0.0.1' };

test('fields of a Pod', () => {
  for (const [fieldPath, expected] of [
    ['metadata.name', 'p'],
    ["metadata.labels['b']", '2'],
    ["metadata.annotations['none']", ''],
    ['metadata.labels', 'a="x\\"y"\nb="2"'],
    ['spec.serviceAccountName', 'default'],
    ['status.podIP', '10.0.0.2'],
    ['status.hostIP', '10.0.0.1'],
  ] as const)
    assert.equal(downward({ fieldRef: { fieldPath } }, pod, addresses), expected, fieldPath);
  assert.throws(() => downward({ fieldRef: { fieldPath: 'spec.foo' } }, pod, addresses), /not served/);
});

test('resources of a container, in the unit that is asked for, rounded up', () => {
  for (const [resource, divisor, expected] of [
    ['limits.cpu', undefined, '2'],
    ['limits.cpu', '1m', '1500'],
    ['limits.memory', '1Mi', '64'],
    ['limits.memory', '0', String(64 * 2 ** 20)],
    ['requests.memory', '1Ki', '1'],
    ['requests.cpu', '1', '0'],
  ] as const) {
    const ref = { resourceFieldRef: { resource, ...(divisor === undefined ? {} : { divisor }) } };
    assert.equal(downward(ref, pod, addresses, container), expected, `${resource} ${divisor}`);
  }
  const free = { ...container, resources: {} };
  const cpus = downward({ resourceFieldRef: { resource: 'limits.cpu' } }, pod, addresses, free);
  assert.equal(cpus, String(availableParallelism()));
});
