import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LeaseObject, leaseObject } from '../leases/index.ts';
import { IN_USE_ANNOTATION, LEAVING_TIMES, leavingLeaseName } from './handoff-names.ts';
import { Predecessors } from './predecessors.ts';

const { leaseDurationMs, longestMs } = LEAVING_TIMES;

function lease(pod: string, version: string, active: number): LeaseObject {
  const record = { holder: pod, token: 't', durationMs: 1, acquiredAt: '', renewedAt: '', transitions: 0 };
  const text = JSON.stringify({ limits: { scope: [active, 0, 0, 0] } });
  const metadata = { namespace: 'ns', name: leavingLeaseName(pod, 't') };
  return leaseObject(metadata, record, version, { [IN_USE_ANNOTATION]: text });
}

function active(predecessors: Predecessors, nowMs: number): number {
  return predecessors.inUse(nowMs).limits.get('scope')?.[0] ?? 0;
}

test('all that are stopping count together, each by what it has said last, and none that is gone', () => {
  const predecessors = new Predecessors();
  predecessors.read([lease('a', '1', 3), lease('b', '2', 1)], 0);
  assert.equal(active(predecessors, 0), 4);
  predecessors.read([lease('a', '3', 2), lease('b', '2', 1)], 500);
  assert.equal(active(predecessors, 500), 3);
  predecessors.read([lease('b', '2', 1)], 1_000);
  assert.equal(active(predecessors, 1_000), 1);
});

test('Leases of others are passed over', () => {
  const predecessors = new Predecessors();
  const record = { holder: 'a', token: 't', durationMs: 1, acquiredAt: '', renewedAt: '', transitions: 0 };
  predecessors.read([leaseObject({ namespace: 'ns', name: 'breakwater-controller' }, record, '1')], 0);
  assert.equal(predecessors.some(0), false);
  assert.deepEqual(predecessors.gone(leaseDurationMs), []);
});

test('one that does not renew is gone after its Lease, and counts again when it does', () => {
  const predecessors = new Predecessors();
  const silent = lease('a', '1', 3);
  predecessors.read([silent], 0);
  predecessors.read([silent], leaseDurationMs - 1);
  assert.equal(active(predecessors, leaseDurationMs - 1), 3);
  predecessors.read([silent], leaseDurationMs);
  assert.equal(active(predecessors, leaseDurationMs), 0);
  assert.deepEqual(predecessors.gone(leaseDurationMs), [silent]);
  predecessors.read([lease('a', '2', 2)], leaseDurationMs + 1);
  assert.equal(active(predecessors, leaseDurationMs + 1), 2);
});

test('while Leases cannot be read none is given up for that it does not renew, but for that its requests must have ended', () => {
  const predecessors = new Predecessors();
  predecessors.read([lease('a', '1', 3)], 0);
  let nowMs = 0;
  for (; nowMs < longestMs; nowMs += leaseDurationMs / 2) {
    predecessors.failed(nowMs);
    assert.equal(active(predecessors, nowMs), 3);
  }
  predecessors.failed(nowMs);
  assert.equal(active(predecessors, nowMs), 0);
});
