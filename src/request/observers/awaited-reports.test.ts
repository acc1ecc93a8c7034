import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../decision.ts';
import { AwaitedReports } from './awaited-reports.ts';

const decision = (requestId: string): Decision => ({ requestId, atMs: 0, verdict: 'picked', candidates: [] });
const report = {
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
};

test('a decision gets what Envoy says of its request, once; the oldest make room', () => {
  const awaited = new AwaitedReports(2);
  const [first, second, third] = [decision('1'), decision('2'), decision('3')];
  for (const one of [first, second, third]) awaited.began(one);
  assert.equal(awaited.report('1', report), undefined);
  assert.equal(awaited.report('3', report), third);
  assert.equal(awaited.report('3', report), undefined);
  assert.deepEqual(third.envoy, report);
  assert.equal(first.envoy, undefined);
  assert.equal(second.envoy, undefined);
});
