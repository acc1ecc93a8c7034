import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster, LimitScope, Plan, Pool, Route, Server } from '../../plan/index.ts';
import { gatewayParts } from './gateway-parts.ts';

const route = (cluster: string, mirror?: string) =>
  ({
    action: { kind: 'forward', backends: [{ weight: 1, target: { kind: 'cluster', cluster } }] },
    mirrors: mirror === undefined ? [] : [{ cluster: mirror }],
  }) as unknown as Route;

const server = (gateway: string, port: number, routes: Route[]) =>
  ({
    name: `ns/${gateway}/${port}`,
    gateway: { kind: 'Gateway', namespace: 'ns', name: gateway },
    port,
    listeners: [{ virtualHosts: [{ domain: '*', routes }] }],
  }) as unknown as Server;

const cluster = (name: string, pool?: string) =>
  ({ name, limit: `limit-${name}`, pool, ...(pool && { poolLimit: `limit-${pool}` }) }) as unknown as Cluster;

function plan(servers: Server[]): Plan {
  return {
    version: 'all',
    servers,
    clusters: [cluster('a', 'p'), cluster('b'), cluster('c'), cluster('unused')],
    pools: [{ name: 'p' }, { name: 'q' }] as unknown as Pool[],
    limits: ['limit-a', 'limit-b', 'limit-c', 'limit-p', 'limit-q'].map(name => ({ name }) as LimitScope),
  };
}

test('a Gateway has its servers, and what their requests and mirrors need', () => {
  const parts = gatewayParts(
    plan([server('one', 80, [route('a', 'c')]), server('two', 80, [route('b')]), server('one', 81, [])]),
  );
  assert.deepEqual([...parts.keys()], ['ns/one', 'ns/two']);
  const one = parts.get('ns/one')!;
  assert.deepEqual(
    one.servers.map(({ name }) => name),
    ['ns/one/80', 'ns/one/81'],
  );
  const names = (of: readonly { name: string }[]) => of.map(({ name }) => name);
  assert.deepEqual(names(one.clusters), ['a', 'c']);
  assert.deepEqual(names(one.pools), ['p']);
  assert.deepEqual(names(one.limits), ['limit-a', 'limit-c', 'limit-p']);
  assert.deepEqual(names(parts.get('ns/two')!.clusters), ['b']);
});

test('a Gateway has the collectors that its Envoys tell of requests', () => {
  const to = (cluster: string) => ({ collector: { cluster } });
  const telemetry = { accessLogs: [{ sink: { kind: 'file' } }, { sink: { kind: 'als', ...to('a') } }] };
  const one = {
    ...server('one', 80, []),
    telemetry: { ...telemetry, tracing: to('c') },
  } as unknown as Server;
  const parts = gatewayParts(plan([one, server('two', 80, [])]));
  assert.deepEqual(
    parts.get('ns/one')?.clusters.map(({ name }) => name),
    ['a', 'c'],
  );
  assert.deepEqual(parts.get('ns/two')?.clusters, []);
});

test('the version of a part changes with the part alone', () => {
  const versions = (second: string) =>
    gatewayParts(plan([server('one', 80, [route('a')]), server('two', 80, [route(second)])]));
  const [before, after] = [versions('b'), versions('c')];
  assert.equal(before.get('ns/one')!.version, after.get('ns/one')!.version);
  assert.notEqual(before.get('ns/two')!.version, after.get('ns/two')!.version);
});
