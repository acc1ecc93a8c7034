import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_THRESHOLDS } from '../../plan/index.ts';
import { limitCountsOf, parseClusterStats } from './cluster-stats.ts';

const TEXT = `cluster.httproute/default/a.b/rule/0.circuit_breakers.default.remaining_retries: 1022
cluster.httproute/default/a.b/rule/0.upstream_cx_active: 3
cluster.httproute/default/a.b/rule/0.upstream_cx_overflow: 1
cluster.httproute/default/a.b/rule/0.upstream_rq_active: 2
cluster.httproute/default/a.b/rule/0.upstream_rq_active_overflow: 7
cluster.httproute/default/a.b/rule/0.upstream_rq_pending_active: 4
cluster.httproute/default/a.b/rule/0.upstream_rq_pending_overflow: 5
cluster.httproute/default/a.b/rule/0.upstream_rq_retry_overflow: 6
cluster.other.upstream_rq_active: 9
server.live: 1
`;

test("a scope's counts are those of its own cluster", () => {
  const stats = parseClusterStats(TEXT);
  const name = 'httproute/default/a.b/rule/0';
  assert.deepEqual(limitCountsOf({ name, thresholds: DEFAULT_THRESHOLDS }, stats), {
    scope: name,
    active: 2,
    pending: 4,
    connections: 3,
    retries: 2,
    overflow: { maxParallelRequests: 7, maxPendingRequests: 5, maxConnections: 1, maxParallelRetries: 6 },
  });
});

test('a cluster that Envoy does not know yet has nothing in use', () => {
  const { overflow, ...counts } = limitCountsOf(
    { name: 'new', thresholds: DEFAULT_THRESHOLDS },
    parseClusterStats(''),
  );
  assert.deepEqual(counts, { scope: 'new', active: 0, pending: 0, connections: 0, retries: 0 });
  assert.deepEqual([...Object.values(overflow)], [0, 0, 0, 0]);
});
