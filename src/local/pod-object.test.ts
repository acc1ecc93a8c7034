import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '../api/index.ts';
import { deploymentStatus } from './deployment-status.ts';
import { type DesiredWorkload, desiredWorkloads } from './desired.ts';
import { podObject, type RunningReplica } from './pod-object.ts';
import { example, manifests } from './workloads-for-test.ts';

const startedAt = new Date('2026-01-02T03:04:05.678Z');

function simulated(text: string): { workload: DesiredWorkload; running: RunningReplica[] } {
  const [workload] = desiredWorkloads(manifests(text), 'auto', []);
  assert.equal(workload?.what, 'simulated');
  if (workload?.what !== 'simulated') throw new Error();
  const running = workload.replicas.map((replica, at) => ({
    replica,
    address: `127.1.0.${at + 1}`,
    startedAt,
    restarts: 2,
  }));
  return { workload, running };
}

test("a Deployment's Pod looks as in a cluster", () => {
  const { running } = simulated(example('inference_app.yaml'));
  const { metadata, status, spec } = podObject(running[0]!);
  assert.match(metadata.name, /^vllm-llama2-7b-pool-[a-z0-9]+-[a-z0-9]{5}$/);
  const hash = metadata.labels!['pod-template-hash'];
  assert.deepEqual(metadata.labels, { app: 'vllm-llama2-7b-pool', 'pod-template-hash': hash });
  assert.equal(metadata.annotations!['prometheus.io/port'], '8000');
  assert.equal(metadata.creationTimestamp, '2026-01-02T03:04:05Z');
  const [owner] = metadata['ownerReferences'] as Record<string, unknown>[];
  assert.equal(owner!['kind'], 'ReplicaSet');
  assert.equal(owner!['name'], `vllm-llama2-7b-pool-${hash}`);
  assert.equal(owner!['controller'], true);
  assert.equal(spec!.nodeName, 'localhost');
  assert.equal(status!.phase, 'Running');
  assert.equal(status!.podIP, '127.1.0.1');
  assert.deepEqual(
    status!.conditions!.map(({ type, status: value }) => [type, value]),
    ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(type => [type, 'True']),
  );
  const [container] = status!['containerStatuses'] as Record<string, unknown>[];
  assert.deepEqual(
    [container!['name'], container!['ready'], container!['restartCount'], container!['state']],
    ['lora', true, 2, { running: { startedAt: '2026-01-02T03:04:05Z' } }],
  );
});

test('a Pod that stands alone keeps its name, labels and annotations', () => {
  const { running } = simulated(
    `{apiVersion: v1, kind: Pod, metadata: {name: alone, labels: {a: b}, annotations: {c: d}},
      spec: {containers: [{name: c, command: [vllm, serve, m]}]}}`,
  );
  const { metadata } = podObject(running[0]!);
  assert.deepEqual([metadata.name, metadata.labels, metadata.annotations], ['alone', { a: 'b' }, { c: 'd' }]);
  assert.equal(metadata['ownerReferences'], undefined);
});

function conditions(status: object): string[] {
  const { conditions } = status as { conditions: { type: string; status: string; reason: string }[] };
  return conditions.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);
}

test("a Deployment's status counts as the Deployment controller does", () => {
  const text = example('inference_app.yaml').replace('replicas: 1', 'replicas: 2');
  const { workload, running } = simulated(text);
  const whole = deploymentStatus(workload, running, '').status as Record<string, unknown>;
  assert.deepEqual(
    [whole['replicas'], whole['readyReplicas'], whole['availableReplicas'], whole['updatedReplicas']],
    [2, 2, 2, 2],
  );
  assert.equal('unavailableReplicas' in whole, false);
  assert.deepEqual(conditions(whole), [
    'Available=True MinimumReplicasAvailable',
    'Progressing=True NewReplicaSetAvailable',
  ]);

  const half = deploymentStatus(workload, running.slice(1), 'Because.').status as Record<string, unknown>;
  assert.deepEqual([half['readyReplicas'], half['unavailableReplicas']], [1, 1]);
  assert.deepEqual(conditions(half), [
    'Available=False MinimumReplicasUnavailable',
    'Progressing=False ProgressDeadlineExceeded',
  ]);

  // Replicas of the template before: available, but the rollout is not through.
  const changed = { ...workload, hash: 'new' };
  const old = deploymentStatus(changed, running, 'Because.').status as Record<string, unknown>;
  assert.equal('updatedReplicas' in old, false);
  assert.deepEqual(conditions(old), [
    'Available=True MinimumReplicasAvailable',
    'Progressing=False ProgressDeadlineExceeded',
  ]);
});

test('a Deployment that is scaled to zero is available, one that is not run is not', () => {
  const set = manifests(example('inference_app.yaml').replace('replicas: 1', 'replicas: 0'));
  const [zero] = desiredWorkloads(set, 'auto', []);
  assert.equal((zero!.object as Deployment).spec.replicas, 0);
  assert.deepEqual(conditions(deploymentStatus(zero!, [], 'x').status), [
    'Available=True MinimumReplicasAvailable',
    'Progressing=True NewReplicaSetAvailable',
  ]);
  const [sleep] = desiredWorkloads(manifests(example('sleep.yaml')), 'auto', []);
  const status = deploymentStatus(sleep!, [], 'Not run.').status as { conditions: { message: string }[] };
  assert.equal(status.conditions[0]!.message, 'Not run.');
  assert.equal((status as Record<string, unknown>)['unavailableReplicas'], 1);
});
