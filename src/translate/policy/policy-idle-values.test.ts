import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldName } from '../problem.ts';
import { idleValueErrors } from './policy-idle-values.ts';
import type { PolicySpec } from './policy-spec.ts';
import { valueErrors } from './policy-values.ts';

const refused = (spec: PolicySpec) => idleValueErrors(spec).map(({ path }) => fieldName(path));

test('what Envoy Gateway refuses in a field that does not act is refused too', () => {
  assert.deepEqual(refused({ connection: { bufferLimit: '4Gi' } }), ['spec.connection.bufferLimit']);
  assert.deepEqual(refused({ connection: { bufferLimit: -1 } }), ['spec.connection.bufferLimit']);
  assert.deepEqual(
    refused({ http2: { initialStreamWindowSize: 65_534, initialConnectionWindowSize: '2Gi' } }),
    ['spec.http2.initialStreamWindowSize', 'spec.http2.initialConnectionWindowSize'],
  );
  assert.deepEqual(
    refused({
      loadBalancer: { type: 'ConsistentHash', consistentHash: { type: 'SourceIP', tableSize: 65_536 } },
    }),
    ['spec.loadBalancer.consistentHash.tableSize'],
  );
  for (const routeStatName of ['100%', '%ROUTE_NAME%/%POD%'])
    assert.deepEqual(refused({ telemetry: { metrics: { routeStatName } } }), [
      'spec.telemetry.metrics.routeStatName',
    ]);
});

test('what it takes is taken', () => {
  const spec: PolicySpec = {
    connection: { bufferLimit: '32Ki' },
    http2: { initialStreamWindowSize: 65_535, initialConnectionWindowSize: 2_147_483_647 },
    loadBalancer: { type: 'ConsistentHash', consistentHash: { type: 'SourceIP', tableSize: 5_000_011 } },
    telemetry: { metrics: { routeStatName: '%ROUTE_NAMESPACE%/%ROUTE_NAME%' } },
  };
  assert.deepEqual(refused(spec), []);
  assert.deepEqual(valueErrors(spec), []);
});
