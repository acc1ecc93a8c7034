import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultLog } from '../../kernel/index.ts';
import type { Decision, EnvoyReport } from '../decision.ts';
import { Observers } from '../observer.ts';
import { AwaitedReports } from './awaited-reports.ts';

const decision = (requestId: string): Decision => ({
  requestId,
  atMs: 0,
  cluster: `of ${requestId}`,
  verdict: 'picked',
  candidates: [],
});
const report: EnvoyReport = {
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

test('a decision gets what Envoy says of its request, once; the oldest make room; observers are told of every report', () => {
  const awaited = new AwaitedReports(2);
  const told: unknown[] = [];
  const faults: string[] = [];
  const throws = () => {
    throw new TypeError('it is undefined');
  };
  const observers = new Observers(
    [
      awaited,
      { reported: throws },
      { reported: (said, cluster, about) => told.push([said, cluster, about?.requestId, about?.envoy]) },
    ],
    new FaultLog(line => faults.push(line)),
  );
  const [first, second, third] = [decision('1'), decision('2'), decision('3')];
  for (const one of [first, second, third]) observers.began(one);
  for (const id of ['3', '1', '3']) awaited.came(id, '', report, observers);
  awaited.came('2', 'another', report, observers);
  assert.deepEqual(
    [first, second, third].map(({ envoy }) => envoy),
    [undefined, report, report],
  );
  assert.deepEqual(told, [
    [report, 'of 3', '3', report],
    [report, '', undefined, undefined],
    [report, '', undefined, undefined],
    [report, 'another', '2', report],
  ]);
  assert.match(faults.join('\n'), /^an observer of requests \(3\): TypeError: it is undefined/m);
});
