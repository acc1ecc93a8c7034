import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EnvoyPlane } from '../../src/envoy/envoy-plane.ts';
import { type Cluster, type Plan, planVersion, type Route } from '../../src/plan/index.ts';
import { Ports } from '../../src/proxy/plane/listening-ports.ts';
import { sharedParts } from '../../src/translate/shared-parts.ts';
import { envoyPath } from '../support/envoy.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { Echo, hosts, statusOf } from './support/hosts.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].flatMap(each => [`${each}1`, `${each}2`]);

/** What translation lets through by mistake: told to Envoy all the same. */
const ROUTE_MISTAKES: Readonly<Record<string, (route: Route) => Route>> = {
  b1: route => ({ ...route, fault: { delay: { fixedMs: 0, percentage: 100 } } }),
  c2: route => ({ ...route, requestBufferLimitBytes: 5 * 2 ** 30 }),
  d1: route => ({ ...route, match: { ...route.match, path: { type: 'RegularExpression', value: '/(' } } }),
  d2: route => ({
    ...route,
    match: { ...route.match, headers: [{ type: 'RegularExpression', name: 'x-of', value: '(' }] },
  }),
  e1: route => ({ ...route, requestHeaders: { set: [{ name: 'x', value: 'a\nb' }], add: [], remove: [] } }),
  h2: route => ({ ...route, fault: { abort: { status: 600, percentage: 100 } } }),
};
const CLUSTER_MISTAKES: Readonly<Record<string, (cluster: Cluster) => Cluster>> = {
  b2: cluster => ({ ...cluster, connectTimeoutMs: 0 }),
  f1: cluster => ({ ...cluster, panicThresholdPercent: 1_000 }),
  g2: cluster => ({ ...cluster, connectTimeoutMs: 1e30 }),
};

let previous: Plan | undefined;

/** What has not changed is the same object, as in every plan that follows another. */
function mistaken(plan: Plan): Plan {
  const nameOf = (text: string) => text.split('/')[2] ?? '';
  const content = {
    ...plan,
    servers: plan.servers.map(server => ({
      ...server,
      listeners: server.listeners.map(listener => ({
        ...listener,
        virtualHosts: listener.virtualHosts.map(host => ({
          ...host,
          routes: host.routes.map(route => ROUTE_MISTAKES[route.source.name]?.(route) ?? route),
        })),
      })),
    })),
    clusters: plan.clusters.map(cluster => CLUSTER_MISTAKES[nameOf(cluster.name)]?.(cluster) ?? cluster),
  };
  const shared = sharedParts(content, previous);
  previous = { ...shared, version: planVersion(content) };
  return previous;
}

const events: string[] = [];
let plane: EnvoyPlane;
let echo: Echo;
let port: number;

before(async () => {
  port = await freePort();
  echo = await Echo.start();
  const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
  plane = await EnvoyPlane.start({
    envoyPath: await envoyPath(),
    concurrency: 1,
    findPorts: (servers, current) => ports.find(servers, current),
    onEvent: message => events.push(message),
    onLog: () => {},
  });
});
after(async () => {
  await plane?.close();
  await echo?.close();
});

async function statuses(names = NAMES): Promise<Record<string, number | string>> {
  const each = names.map(async name => [name, await statusOf(port, `${name}.test`)] as const);
  return Object.fromEntries(await Promise.all(each));
}

/** A route whose match Envoy does not take is not there at all; one whose header cannot be told takes every value of it. */
const UNMATCHED = ['d1'];
const EXPECTED = Object.fromEntries(
  NAMES.map(name => [
    name,
    [...UNMATCHED, 'd2'].includes(name)
      ? 404
      : name in ROUTE_MISTAKES || name in CLUSTER_MISTAKES
        ? 500
        : 200,
  ]),
);

test('what Envoy refuses costs its own route, at the first start too', { timeout: 60_000 }, async () => {
  const plan = mistaken(planOf(hosts(port, echo.port, NAMES), { plane: 'envoy' }));
  const report = await plane.apply(plan);
  assert.equal(report.error, undefined);
  assert.equal(report.version, plan.version);
  assert.deepEqual(await statuses(), EXPECTED);
  const named = new Set(report.leftOut?.map(({ source }) => source.name));
  assert.deepEqual([...named].sort(), Object.keys({ ...ROUTE_MISTAKES, ...CLUSTER_MISTAKES }).sort());
  for (const { source, message, unmatched = false } of report.leftOut ?? []) {
    assert.notEqual(message, '');
    assert.equal(unmatched, UNMATCHED.includes(source.name), source.name);
  }
  assert.equal(await statusOf(port, 'd2.test', '/', undefined, { 'x-of': 'any' }), 500);
});

test('while one more is looked for, what was served is served on', { timeout: 60_000 }, async () => {
  const plan = mistaken(planOf(hosts(port, echo.port, [...NAMES, 'i1', 'i2']), { plane: 'envoy' }));
  let over = false;
  const watch = (async () => {
    const seen = new Set<number | string>();
    while (!over) for (const name of ['a1', 'c1', 'h1']) seen.add(await statusOf(port, `${name}.test`));
    return seen;
  })();
  const report = await plane.apply(plan);
  over = true;
  assert.equal(report.error, undefined);
  assert.deepEqual([...(await watch)], [200]);
  assert.deepEqual(await statuses([...NAMES, 'i1', 'i2']), { ...EXPECTED, i1: 200, i2: 200 });
});

test('once it is mended all of it is served', { timeout: 60_000 }, async () => {
  const report = await plane.apply(planOf(hosts(port, echo.port, NAMES), { plane: 'envoy' }));
  assert.equal(report.leftOut, undefined);
  assert.deepEqual(await statuses(), Object.fromEntries(NAMES.map(name => [name, 200])));
});
