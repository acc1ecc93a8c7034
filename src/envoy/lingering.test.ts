import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../plan/index.ts';
import { planForTest } from './ext-proc/picker-for-test.ts';
import { LINGER_MS, Lingering } from './lingering.ts';

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
  const lingering = new Lingering();
  const [a, b] = [plan('a'), plan('b')];
  assert.equal(lingering.union(a, 0), a);
  lingering.leave(a, 0);
  assert.equal(lingering.union(a, 1), a);
  assert.deepEqual(names(lingering.union(b, 1)), ['b,a', 'b,a', 'default/vllm']);
  lingering.leave(b, 10);
  assert.deepEqual(names(lingering.union(plan('c'), 11)), ['c,b,a', 'c,b,a', 'default/vllm']);
  assert.deepEqual(names(lingering.union(plan('c'), LINGER_MS)), ['c,b', 'c,b', 'default/vllm']);
  const last = plan('c');
  assert.equal(lingering.union(last, LINGER_MS + 10), last);
});

test('plans that change all the time do not pile up', () => {
  const lingering = new Lingering();
  for (let i = 0; i < 1000; i++) lingering.leave(plan(`p${i}`), i);
  assert.ok(lingering.union(plan('now'), 1000).clusters.length <= 33);
});
