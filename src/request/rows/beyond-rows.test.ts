import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointTable, HealthTable } from '../../endpoints/index.ts';
import { LimitTable } from '../../limits/index.ts';
import { type Cluster, DEFAULT_THRESHOLDS, leftOutOf, type Plan, type Route } from '../../plan/index.ts';
import { Rows } from './rows.ts';

const ROWS = 8;

function rows(): Rows {
  const limits = LimitTable.create({ workers: 1, slots: ROWS });
  return new Rows(limits, EndpointTable.create(1, ROWS), HealthTable.create(ROWS));
}

/** A route for each name, to a Service with so many endpoints. */
function planOf(services: Readonly<Record<string, number>>): Plan {
  const clusters = Object.entries(services).map(([name, count]) => ({
    name,
    kind: 'service',
    limit: name,
    endpoints: Array.from({ length: count }, (_, i) => ({ address: `10.0.0.${i}`, port: 80, weight: 1 })),
  })) as unknown as Cluster[];
  const routes = clusters.map(({ name }) => ({
    name,
    source: { kind: 'HTTPRoute', namespace: 'n', name },
    ruleIndex: 0,
    mirrors: [],
    action: { kind: 'forward', backends: [{ weight: 1, target: { kind: 'cluster', cluster: name } }] },
  })) as unknown as Route[];
  const listeners = [{ name: 'l', certificates: [], virtualHosts: [{ domain: '*', routes }] }];
  const gateway = { kind: 'Gateway', namespace: 'n', name: 'g' };
  return {
    version: '1',
    servers: [{ name: 's', gateway, port: 80, protocol: 'HTTP', listeners }],
    clusters,
    pools: [],
    limits: clusters.map(({ name }) => ({ name, thresholds: DEFAULT_THRESHOLDS })),
  };
}

/** What each route does: `cluster`, or `invalid`, which is answered with 500. */
function kinds(plan: Plan): Record<string, string> {
  const routes = plan.servers.flatMap(each => each.listeners).flatMap(each => each.virtualHosts);
  return Object.fromEntries(
    routes
      .flatMap(host => host.routes)
      .map(({ name, action }) => [
        name,
        action.kind === 'forward' ? (action.backends[0]?.target.kind ?? '') : '',
      ]),
  );
}

test('what finds no row is named, and everything else has its rows', () => {
  const plan = planOf({ a: 4, b: 5, c: 4, d: 1 });
  const assigned = rows().assign(plan, 0);
  assert.deepEqual(kinds(assigned.plan), { a: 'cluster', b: 'invalid', c: 'cluster', d: 'invalid' });
  const leftOut = leftOutOf(plan, assigned.beyond);
  assert.deepEqual(
    leftOut.map(({ source, rule }) => [source.name, rule]),
    [
      ['b', 0],
      ['d', 0],
    ],
  );
  for (const { message } of leftOut)
    assert.match(message, /^no row is left in the table of endpoints, which has 8: remove routes or/);
  assert.equal(assigned.plan.version, plan.version);
  assert.equal(assigned.endpoints.size, 8);
});

test('limits have a table of their own', () => {
  const many = Object.fromEntries(Array.from({ length: ROWS + 2 }, (_, i) => [`s${i}`, 0]));
  const assigned = rows().assign(planOf(many), 0);
  assert.equal(assigned.limits.size, ROWS);
  assert.equal(assigned.beyond.size, 2);
  assert.equal(kinds(assigned.plan)[`s${ROWS}`], 'invalid');
});

test('what is served keeps its rows when more comes before it', () => {
  const table = rows();
  table.assign(planOf({ m: 4, n: 4 }), 0);
  const assigned = table.assign(planOf({ a: 4, m: 4, n: 4 }), 1);
  assert.deepEqual(kinds(assigned.plan), { a: 'invalid', m: 'cluster', n: 'cluster' });
});

test('what was beyond the table is served when others are gone, once their rows have rested', () => {
  const table = rows();
  table.assign(planOf({ m: 4, n: 4 }), 0);
  assert.deepEqual(kinds(table.assign(planOf({ a: 4, m: 4 }), 1).plan), { a: 'invalid', m: 'cluster' });
  assert.deepEqual(kinds(table.assign(planOf({ a: 4, m: 4 }), 6_000).plan), { a: 'cluster', m: 'cluster' });
});

test('a pool whose endpoints find no rows is left out with its routes', () => {
  const plan = planOf({ a: 4, b: 0, c: 1 });
  const endpoints = Array.from({ length: 5 }, (_, i) => ({ id: `e${i}` }));
  const pools = [{ name: 'p', endpoints }] as unknown as Plan['pools'];
  const clusters = plan.clusters.map(each =>
    each.name === 'b' ? { ...each, kind: 'pool', pool: 'p' } : each,
  );
  const assigned = rows().assign({ ...plan, pools, clusters: clusters as Cluster[] }, 0);
  assert.deepEqual(kinds(assigned.plan), { a: 'invalid', b: 'cluster', c: 'cluster' });
  const more = {
    ...plan,
    clusters: clusters as Cluster[],
    pools: [
      { name: 'p', endpoints: [...endpoints, ...endpoints.map(({ id }) => ({ id: `x${id}` }))] },
    ] as unknown as Plan['pools'],
  };
  const fitted = rows().assign(more, 0);
  assert.deepEqual(kinds(fitted.plan), { a: 'cluster', b: 'invalid', c: 'cluster' });
  assert.deepEqual(fitted.plan.pools, []);
});
