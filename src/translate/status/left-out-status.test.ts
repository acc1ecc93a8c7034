import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlaneReport } from '../../plan/index.ts';
import { leftOutOf, withLeftOut } from './left-out-status.ts';

const route = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'r', namespace: 'n' },
};
const source = { kind: 'HTTPRoute', namespace: 'n', name: 'r' };
const accepted = {
  type: 'Accepted',
  status: 'True',
  observedGeneration: 3,
  reason: 'Accepted',
  message: '',
} as const;

test('a route that the plane leaves out is not accepted, in the words of the plane', () => {
  const report: PlaneReport = {
    version: '1',
    servers: [],
    leftOut: [
      { source, rule: 1, message: 'no' },
      { source: { ...source, name: 'other' }, rule: 0, message: 'not this' },
    ],
  };
  const leftOut = leftOutOf(route, { kind: 'taken', report });
  assert.deepEqual(leftOut, [report.leftOut?.[0]]);
  assert.deepEqual(withLeftOut([accepted], leftOut, 'UnsupportedValue', 1), [
    {
      ...accepted,
      status: 'False',
      reason: 'UnsupportedValue',
      message: 'The data plane refused it, requests are answered with 500: no',
    },
  ]);
  const [kept, partly] = withLeftOut([accepted], leftOut, 'UnsupportedValue', 2);
  assert.equal(kept, accepted);
  assert.equal(partly?.type, 'PartiallyInvalid');
  assert.match(partly?.message ?? '', /^Dropped Rule\(s\) \[1\]: /);
  assert.deepEqual(withLeftOut([accepted], [], 'UnsupportedValue'), [accepted]);
});

test('of a rule whose match the plane refuses it is not said that its requests get 500', () => {
  const left = [
    { source, rule: 0, message: 'no such expression', unmatched: true as const },
    { source, rule: 1, message: 'too large' },
  ];
  const messageOf = (leftOut: typeof left) =>
    withLeftOut([accepted], leftOut, 'UnsupportedValue', 2).at(-1)?.message;
  assert.equal(
    messageOf([left[0]!]),
    'Dropped Rule(s) [0]: The data plane refused its match, requests go to what else matches them or get 404: no such expression',
  );
  assert.equal(
    messageOf(left),
    'The data plane refused it, requests are answered with 500: too large. ' +
      'The data plane refused its match, requests go to what else matches them or get 404: no such expression',
  );
});
