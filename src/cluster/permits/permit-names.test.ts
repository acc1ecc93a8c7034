import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressIn,
  holderIdentity,
  leaseKind,
  poolLeaseName,
  preferred,
  replicaLeaseName,
} from './permit-names.ts';

test('an address goes into an identity and comes out of it', () => {
  for (const address of [
    { ip: '10.0.0.3', port: 8081 },
    { ip: 'fd00::3', port: 8081 },
  ])
    assert.deepEqual(addressIn(holderIdentity('breakwater-7d9f-x', address)), address);
  for (const other of ['', 'breakwater', 'name_uuid', 'name_10.0.0.3', 'name_10.0.0.3:x'])
    assert.equal(addressIn(other), undefined, other);
});

test("Leases' names are DNS subdomains and say what they are of", () => {
  const pool = poolLeaseName(`${'n'.repeat(63)}/${'p'.repeat(253)}`);
  assert.match(pool, /^[a-z0-9-]{1,63}$/);
  assert.equal(leaseKind(pool), 'pool');
  assert.equal(leaseKind(replicaLeaseName('breakwater-7d9f-x')), 'replica');
  assert.equal(leaseKind('breakwater-controller'), undefined);
});

test('pools spread over the replicas, and of those that stay few move when one goes', () => {
  const pools = Array.from({ length: 300 }, (_, index) => `ns/pool-${index}`);
  const three = pools.map(pool => preferred(pool, ['a', 'b', 'c']));
  const two = pools.map(pool => preferred(pool, ['b', 'a']));
  for (const replica of ['a', 'b', 'c']) {
    const count = three.filter(each => each === replica).length;
    assert.ok(count > 60 && count < 140, `${replica}: ${count}`);
  }
  for (const [index, replica] of three.entries()) if (replica !== 'c') assert.equal(two[index], replica);
  assert.equal(preferred('ns/pool', []), undefined);
});
