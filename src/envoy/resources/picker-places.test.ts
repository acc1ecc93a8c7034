import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ReplicaPlaces, replicaPickers } from './picker-places.ts';
import { PICKER_CLUSTER } from './resource-names.ts';

/** @param limited pools that a policy limits */
const planOf = (pools: readonly string[], limited = pools) =>
  ({
    pools: pools.map(name => ({ name })),
    clusters: pools.map(name => ({ name, pool: name, limit: name })),
    limits: pools.map(name => ({ name, ...(limited.includes(name) && { policy: {} }) })),
  }) as unknown as ReplicaPlaces['plan'];

const PLACES: ReplicaPlaces = {
  plan: planOf(['a/one', 'a/two']),
  self: '10.0.0.7',
  ownerOf: pool => (pool === 'a/two' ? '10.0.0.2' : undefined),
  port: 9002,
  otherwise: undefined,
  sdsFolder: undefined,
};

function addressesOf(places: Partial<ReplicaPlaces>) {
  const { endpoints } = replicaPickers({ ...PLACES, ...places });
  return Object.fromEntries(
    endpoints.map(({ clusterName, endpoints }) => [
      clusterName,
      endpoints.flatMap(({ lbEndpoints }) =>
        lbEndpoints.map(({ hostIdentifier }) => {
          const address =
            hostIdentifier.case === 'endpoint' ? hostIdentifier.value.address?.address : undefined;
          return address?.case === 'socketAddress' ? address.value.address : '';
        }),
      ),
    ]),
  );
}

test('what is for no pool goes to the first holder; what a pool has no holder for goes nowhere', () =>
  assert.deepEqual(addressesOf({}), {
    [PICKER_CLUSTER]: ['10.0.0.2'],
    [`${PICKER_CLUSTER}/a/one`]: [],
    [`${PICKER_CLUSTER}/a/two`]: ['10.0.0.2'],
  }));

test('a pool that nothing limits is picked by this replica while it has no holder', () => {
  const plan = planOf(['a/one', 'a/two', 'b/three'], ['b/three']);
  assert.deepEqual(addressesOf({ plan }), {
    [PICKER_CLUSTER]: ['10.0.0.7'],
    [`${PICKER_CLUSTER}/a/one`]: ['10.0.0.7'],
    [`${PICKER_CLUSTER}/a/two`]: ['10.0.0.2'],
    [`${PICKER_CLUSTER}/b/three`]: [],
  });
});

test('what takes no permits is answered where no pool has a holder, or there is no pool', () => {
  const otherwise = '10.0.0.9';
  assert.deepEqual(addressesOf({ otherwise })[PICKER_CLUSTER], ['10.0.0.2']);
  assert.deepEqual(addressesOf({ otherwise, plan: planOf([]) })[PICKER_CLUSTER], [otherwise]);
  assert.deepEqual(addressesOf({ otherwise, ownerOf: () => undefined }), {
    [PICKER_CLUSTER]: [otherwise],
    [`${PICKER_CLUSTER}/a/one`]: [],
    [`${PICKER_CLUSTER}/a/two`]: [],
  });
  assert.deepEqual(addressesOf({ plan: planOf([]) })[PICKER_CLUSTER], []);
});
