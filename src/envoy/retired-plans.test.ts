import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../plan/index.ts';
import { planForTest } from './ext-proc/picker-state-for-test.ts';
import { RETIRED_MS, RetiredPlans } from './retired-plans.ts';

const plan = (name: string): Plan => {
  const made = planForTest();
  return {
    ...made,
    clusters: made.clusters.map(cluster => ({ ...cluster, name, limit: name })),
    limits: made.limits.map(limit => ({ ...limit, name })),
  };
};
const names = ({ clusters, limits, pools }: Plan) =>
  [clusters, limits, pools].map(of => of.map(({ name }) => name).join());

test('what is gone lingers for its time, and what is there counts before what was', () => {
  const retired = new RetiredPlans();
  const [a, b] = [plan('a'), plan('b')];
  assert.equal(retired.union(a, 0), a);
  retired.leave(a, 0);
  assert.equal(retired.union(a, 1), a);
  assert.deepEqual(names(retired.union(b, 1)), ['b,a', 'b,a', 'default/vllm']);
  retired.leave(b, 10);
  assert.deepEqual(names(retired.union(plan('c'), 11)), ['c,b,a', 'c,b,a', 'default/vllm']);
  assert.deepEqual(names(retired.union(plan('c'), RETIRED_MS)), ['c,b', 'c,b', 'default/vllm']);
  const last = plan('c');
  assert.equal(retired.union(last, RETIRED_MS + 10), last);
});

test('plans that change all the time do not pile up', () => {
  const retired = new RetiredPlans();
  for (let i = 0; i < 1000; i++) retired.leave(plan(`p${i}`), i);
  assert.ok(retired.union(plan('now'), 1000).clusters.length <= 33);
});
