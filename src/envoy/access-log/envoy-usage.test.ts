import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsRegistry } from '../../kernel/index.ts';
import { CLUSTER, POOL, planForTest } from '../ext-proc/picker-state-for-test.ts';
import type { AccessLogEntry } from './entry.ts';
import { EnvoyUsage } from './envoy-usage.ts';

function entry(more: Partial<AccessLogEntry>): AccessLogEntry {
  return {
    requestId: 'id',
    cluster: CLUSTER,
    upstream: '127.0.0.1:1',
    status: 200,
    flags: [],
    details: 'via_upstream',
    durationMs: 1500,
    firstByteMs: 500,
    requestBytes: 10,
    responseBytes: 1000,
    attempts: 1,
    failure: undefined,
    ...more,
  };
}

async function series(usage: EnvoyUsage): Promise<string[]> {
  const registry = metricsRegistry();
  usage.addMetrics(registry);
  const text = await registry.text();
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));
}

test('figures of each endpoint, and flags of each route; what the plan does not have any more is forgotten', async () => {
  const usage = new EnvoyUsage();
  usage.add(entry({}), CLUSTER, POOL, ['127.0.0.1:1']);
  usage.add(entry({ status: 404 }), CLUSTER, POOL, ['127.0.0.1:1']);
  usage.add(entry({ status: 0, firstByteMs: undefined, flags: ['DC'] }), CLUSTER, POOL, ['127.0.0.1:1']);
  usage.add(
    entry({
      status: 503,
      flags: ['UO', 'URX'],
      firstByteMs: undefined,
      durationMs: 0,
      upstream: undefined,
      cluster: '',
    }),
    CLUSTER,
    POOL,
    ['127.0.0.1:1'],
  );
  usage.addUnknown();
  const one = `pool="${POOL}",endpoint="127.0.0.1:1"`;
  assert.deepEqual(await series(usage), [
    `breakwater_envoy_requests_total{${one},code_class="aborted"} 1`,
    `breakwater_envoy_requests_total{${one},code_class="2xx"} 1`,
    `breakwater_envoy_requests_total{${one},code_class="4xx"} 1`,
    `breakwater_envoy_requests_total{pool="${POOL}",endpoint="",code_class="5xx"} 1`,
    `breakwater_envoy_request_seconds_total{${one}} 4.5`,
    `breakwater_envoy_first_byte_seconds_total{${one}} 1`,
    `breakwater_envoy_request_body_bytes_total{${one}} 30`,
    `breakwater_envoy_request_body_bytes_total{pool="${POOL}",endpoint=""} 10`,
    `breakwater_envoy_response_body_bytes_total{${one}} 3000`,
    `breakwater_envoy_response_body_bytes_total{pool="${POOL}",endpoint=""} 1000`,
    `breakwater_envoy_response_flags_total{scope="${CLUSTER}",flag="DC"} 1`,
    `breakwater_envoy_response_flags_total{scope="${CLUSTER}",flag="UO"} 1`,
    `breakwater_envoy_response_flags_total{scope="${CLUSTER}",flag="URX"} 1`,
    'breakwater_envoy_unknown_requests_total 1',
  ]);
  usage.keep(planForTest({ endpoints: ['127.0.0.1:2'] }));
  assert.equal((await series(usage)).filter(line => line.includes('127.0.0.1:1')).length, 0);
  assert.equal((await series(usage)).filter(line => line.includes('flag=')).length, 3);
  usage.keep({ ...planForTest(), clusters: [], pools: [] });
  assert.deepEqual(await series(usage), ['breakwater_envoy_unknown_requests_total 1']);
});
