import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from './cluster.ts';
import { DEFAULT_THRESHOLDS, type LimitScope } from './limit.ts';
import { limitedPools } from './limited-pools.ts';

const policy = { kind: 'BackendTrafficPolicy', namespace: 'default', name: 'p' };
const scope = (name: string, isSet: boolean): LimitScope => ({
  name,
  thresholds: DEFAULT_THRESHOLDS,
  ...(isSet && { policy }),
});
const cluster = (name: string, pool: string | undefined, poolLimit?: string) =>
  ({ name, kind: 'pool', pool, limit: name, poolLimit }) as unknown as Cluster;

test('a pool is limited where a policy says so, of one of its routes or of the pool; the defaults limit none', () => {
  const limits = [
    scope('open', false),
    scope('narrow', true),
    scope('wide', false),
    scope('whole', false),
    scope('inferencepool/whole', true),
    scope('backend', true),
  ];
  const clusters = [
    cluster('open', 'open'),
    cluster('wide', 'one-route'),
    cluster('narrow', 'one-route'),
    cluster('whole', 'whole', 'inferencepool/whole'),
    cluster('backend', undefined),
  ];
  assert.deepEqual([...limitedPools({ clusters, limits })], ['one-route', 'whole']);
});
