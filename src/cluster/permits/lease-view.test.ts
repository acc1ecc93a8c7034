import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { leaseObject } from '../leases/index.ts';
import type { RawObject } from '../source/index.ts';
import { LeaseView } from './lease-view.ts';
import { poolLeaseName, REPORT_ANNOTATION, replicaLeaseName, reportLeaseName } from './permit-names.ts';

let nowMs = 0;
let version = 0;
let view: LeaseView;

beforeEach(() => {
  nowMs = 1_000;
  view = new LeaseView(3_000, () => nowMs);
});

function lease(name: string, token: string, uid = 'u1'): RawObject {
  const record = {
    holder: token === '' ? '' : 'pod_10.0.0.1:8081',
    token,
    durationMs: 3_000,
    acquiredAt: '',
    renewedAt: '',
    transitions: 0,
  };
  const object = leaseObject({ namespace: 'ns', name }, record, String(++version));
  return { ...object, metadata: { ...object.metadata, uid } } as RawObject;
}
const replica = (token: string, uid?: string) => lease(replicaLeaseName('pod'), token, uid);

test('a token is silent once its Lease was seen unchanged for as long as it lasts, and alive when it is renewed', () => {
  view.put(replica('t'));
  nowMs += 2_999;
  assert.equal(view.stateOf('t'), 'alive');
  nowMs += 1;
  assert.equal(view.stateOf('t'), 'silent');
  view.put(replica('t'));
  assert.equal(view.stateOf('t'), 'alive');
});

test('the same version seen again, as after a new list, is no renewal; word from the replica itself is', () => {
  const same = replica('t');
  view.put(same);
  nowMs += 3_000;
  view.beginList();
  view.page([same]);
  view.endList();
  assert.equal(view.stateOf('t'), 'silent');
  assert.equal(view.confirmAlive('t', nowMs), true);
  assert.equal(view.stateOf('t'), 'alive');
  assert.equal(view.confirmAlive('other', nowMs), false);
});

test('a token whose Lease another has written is dead, also when it would come back', () => {
  view.put(replica('t'));
  view.put(replica(''));
  assert.deepEqual([view.stateOf('t'), view.isLost('t'), view.stateOf('')], ['dead', true, 'dead']);
  view.put(replica('t2'));
  assert.deepEqual([view.stateOf('t'), view.stateOf('t2')], ['dead', 'alive']);
});

test('a token whose Lease was deleted runs out with time, even if it was made anew by another', () => {
  view.put(replica('t'));
  view.delete(replica('t'));
  view.put(replica('t2', 'u2'));
  assert.equal(view.stateOf('t'), 'alive');
  assert.equal(view.isLost('t'), true);
  nowMs += 3_000;
  assert.equal(view.stateOf('t'), 'dead');
  // Seen in one go, as after a list.
  view.put(replica('t3', 'u3'));
  assert.equal(view.stateOf('t2'), 'alive');
  nowMs += 3_000;
  assert.equal(view.stateOf('t2'), 'dead');
});

test('a token that is named by a pool and by no replica runs out from when that is noticed', () => {
  view.put(lease(poolLeaseName('ns/pool'), 'old'));
  assert.equal(view.stateOf('old'), 'alive');
  nowMs += 2_999;
  assert.equal(view.stateOf('old'), 'alive');
  nowMs += 1;
  assert.equal(view.stateOf('old'), 'dead');
});

test('what a list does not have any more is gone; other Leases do not matter', () => {
  view.put(lease(poolLeaseName('ns/pool'), 't'));
  view.put(replica('t'));
  assert.equal(view.put(lease('breakwater-controller', 'x')), false);
  view.beginList();
  view.page([lease(poolLeaseName('ns/other'), 't')]);
  view.endList();
  assert.deepEqual([[...view.pools.keys()], view.replicas.size], [[poolLeaseName('ns/other')], 0]);
});

test('what a replica reports is kept until its Lease is gone', () => {
  const said = (text: string) => {
    const object = lease(reportLeaseName('pod'), 't');
    const { metadata } = object as { readonly metadata: { readonly annotations?: object } };
    const annotations = { ...metadata.annotations, [REPORT_ANNOTATION]: text };
    return { ...object, metadata: { ...object.metadata, annotations } } as RawObject;
  };
  assert.equal(view.put(said('a')), true);
  view.put(said('b'));
  const texts = () => [...view.reports].map(([name, { token, text }]) => [name, token, text]);
  assert.deepEqual(texts(), [['breakwater-report-pod', 't', 'b']]);
  assert.equal(view.replicas.size + view.pools.size, 0);
  view.beginList();
  view.page([]);
  view.endList();
  assert.deepEqual(texts(), []);
  const one = said('c');
  view.put(one);
  view.delete(one);
  assert.deepEqual(texts(), []);
});
