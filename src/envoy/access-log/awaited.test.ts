import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../request/index.ts';
import { AwaitedReports } from './awaited.ts';

const decision = (requestId: string): Decision => ({ requestId, atMs: 0, verdict: 'picked', candidates: [] });
const report = (requestId: string) => ({
  requestId,
  cluster: 'c',
  upstream: '127.0.0.1:1',
  status: 200,
  flags: [],
  details: 'via_upstream',
  durationMs: 1,
  firstByteMs: 1,
  requestBytes: 2,
  responseBytes: 3,
  attempts: 1,
  failure: undefined,
});

test('a decision gets what Envoy says of its request, once; the oldest make room', () => {
  const awaited = new AwaitedReports(2);
  const [first, second, third] = [decision('1'), decision('2'), decision('3')];
  for (const one of [first, second, third]) awaited.add(one);
  assert.equal(awaited.report(report('1')), undefined);
  assert.equal(awaited.report(report('3')), third);
  assert.equal(awaited.report(report('3')), undefined);
  const { requestId: _, cluster: __, ...said } = report('3');
  assert.deepEqual(third.envoy, said);
  assert.equal(first.envoy, undefined);
  assert.equal(second.envoy, undefined);
});
