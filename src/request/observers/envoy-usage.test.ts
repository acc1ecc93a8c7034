import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsRegistry } from '../../kernel/index.ts';
import type { EnvoyReport } from '../decision.ts';
import { ENVOY_REPORT } from './envoy-report-for-test.ts';
import { EnvoyUsage } from './envoy-usage.ts';

const POOL = 'default/vllm';
const CLUSTER = 'httproute/default/a/rule/0';

/** The same route, with other endpoints behind it. */
function planOf(...endpoints: string[]) {
  return {
    pools: [{ name: POOL, endpoints: endpoints.map(id => ({ id })) }],
    clusters: [{ name: CLUSTER, pool: POOL }],
  };
}

function report(more: Partial<EnvoyReport>): EnvoyReport {
  return { ...ENVOY_REPORT, ...more };
}

async function series(usage: EnvoyUsage): Promise<string[]> {
  const registry = metricsRegistry();
  usage.addMetrics(registry);
  const text = await registry.text();
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#') && !line.endsWith(' 0'));
}

test('figures of each endpoint, and flags of each route; what the plan does not have any more is forgotten', async () => {
  const usage = new EnvoyUsage();
  usage.apply(planOf('127.0.0.1:1'));
  usage.reported(report({}), CLUSTER);
  usage.reported(report({ status: 404 }), CLUSTER);
  usage.reported(report({ status: 0, firstByteMs: undefined, flags: ['DC'] }), CLUSTER);
  usage.reported(
    report({
      status: 503,
      flags: ['UO', 'URX'],
      firstByteMs: undefined,
      durationMs: 0,
      upstream: undefined,
    }),
    CLUSTER,
  );
  usage.reported(report({}), 'gone');
  usage.reported(report({}), '');
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
    'breakwater_envoy_unknown_requests_total 2',
  ]);
  usage.apply(planOf('127.0.0.1:2'));
  assert.equal((await series(usage)).filter(line => line.includes('127.0.0.1:1')).length, 0);
  assert.equal((await series(usage)).filter(line => line.includes('flag=')).length, 3);
  usage.apply({ clusters: [], pools: [] });
  assert.deepEqual(await series(usage), ['breakwater_envoy_unknown_requests_total 2']);
});
