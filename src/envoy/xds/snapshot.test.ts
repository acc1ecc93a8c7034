import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ClusterSchema } from '../gen/envoy/config/cluster/v3/cluster_pb.ts';
import { makeSnapshot, versionOf } from './snapshot.ts';
import { snapshotOf, worlds } from './world-for-test.ts';

test('versions depend on content only, and what has not changed keeps its object', () => {
  fc.assert(
    fc.property(worlds(2), world => {
      const one = snapshotOf(world);
      assert.deepEqual(snapshotOf(world), one);
      const again = makeSnapshot({ clusters: [create(ClusterSchema, { name: 'other' })] }, one);
      assert.equal(again.cluster.size, 1);
    }),
  );
  const clusters = [create(ClusterSchema, { name: 'a' }), create(ClusterSchema, { name: 'b' })];
  const first = makeSnapshot({ clusters });
  const second = makeSnapshot(
    { clusters: [clusters[1]!, create(ClusterSchema, { name: 'a', altStatName: 'x' })] },
    first,
  );
  assert.equal(second.cluster.get('b'), first.cluster.get('b'));
  assert.notEqual(second.cluster.get('a')?.version, first.cluster.get('a')?.version);
});

test('the version of a set does not depend on its order, and is not empty for an empty one', () => {
  const parts = [
    { name: 'a', version: '1' },
    { name: 'b', version: '2' },
  ];
  assert.equal(versionOf(parts), versionOf(parts.toReversed()));
  assert.notEqual(versionOf(parts), versionOf(parts.slice(1)));
  assert.match(versionOf([]), /^[0-9a-f]{16}$/);
});

test('two resources of one name are refused', () => {
  const clusters = [create(ClusterSchema, { name: 'a' }), create(ClusterSchema, { name: 'a' })];
  assert.throws(
    () => makeSnapshot({ clusters }),
    /two resources envoy.config.cluster.v3.Cluster have the name "a"/,
  );
});
