import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENVOY_REPORT as REPORT } from '../../request/observers/envoy-report-for-test.ts';
import { CLUSTER, POOL } from './picker-state-for-test.ts';
import { bench, body, CHAT, headers, mode } from './stream-for-test.ts';

test('what Envoy says of a request is in its decision and in the metrics, also where it names no cluster', async () => {
  const { state, open, close } = bench({ limit: 1 });
  const requests = ['served', 'refused'].map(requestId => {
    const stream = open();
    stream.receive(headers({ ...mode('BUFFERED'), requestId }), 1);
    stream.receive(body(CHAT), 1);
    return stream;
  });
  for (const stream of requests) stream.end(2);
  const refusal = { ...REPORT, upstream: undefined, status: 503, flags: ['UAEX'], firstByteMs: undefined };
  state.reported({ requestId: 'served', cluster: CLUSTER, report: REPORT });
  state.reported({ requestId: 'refused', cluster: '', report: refusal });
  state.reported({ requestId: 'never heard of', cluster: '', report: REPORT });
  assert.deepEqual(
    ['served', 'refused'].map(id => [state.explain(id)?.verdict, state.explain(id)?.envoy]),
    [
      ['picked', REPORT],
      ['overflow', refusal],
    ],
  );
  const text = await state.metricsText(() => {});
  assert.deepEqual(
    text.split('\n').filter(line => /^breakwater_envoy_(requests|response_flags|unknown)/.test(line)),
    [
      `breakwater_envoy_requests_total{pool="${POOL}",endpoint="127.0.0.1:1",code_class="2xx"} 1`,
      `breakwater_envoy_requests_total{pool="${POOL}",endpoint="",code_class="5xx"} 1`,
      `breakwater_envoy_response_flags_total{scope="${CLUSTER}",flag="UAEX"} 1`,
      'breakwater_envoy_unknown_requests_total 1',
    ],
  );
  await close();
});
