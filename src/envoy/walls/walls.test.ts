import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Cluster, NO_HEADER_MUTATION, type Plan, type Route } from '../../plan/index.ts';
import type { Rejection } from '../xds/stream-core.ts';
import { Walls } from './walls.ts';

const source = { kind: 'HTTPRoute', namespace: 'n', name: 'r' };

function routeOf(index: number, cluster: string): Route {
  const common = { requestHeaders: NO_HEADER_MUTATION, responseHeaders: NO_HEADER_MUTATION };
  return {
    name: `httproute/n/r/rule/${index}`,
    source,
    ruleIndex: index,
    match: { path: { type: 'Exact', value: `/${index}` }, headers: [], queryParams: [] },
    ...common,
    mirrors: [],
    action: {
      kind: 'forward',
      backends: [{ weight: 1, target: { kind: 'cluster', cluster }, ...common }],
    },
    timeouts: {},
  };
}

function planOf(routes: readonly Route[], clusters: readonly Cluster[]): Plan {
  const half = routes.length >> 1;
  const server = (port: number, own: readonly Route[]) => ({
    name: `n/g/${port}`,
    gateway: { kind: 'Gateway', namespace: 'n', name: 'g' },
    port,
    protocol: 'HTTP' as const,
    listeners: [{ name: `l${port}`, certificates: [], virtualHosts: [{ domain: '*', routes: own }] }],
  });
  const servers = [server(1, routes.slice(0, half)), server(2, routes.slice(half))];
  return { version: '', servers, clusters, pools: [], limits: [] };
}

/** An Envoy that refuses some routes as they are, some of those however they answer, and some clusters. */
class ModelEnvoy {
  serves = new Map<string, string>();
  tries = 0;
  readonly bad: ReadonlySet<number>;
  readonly hopeless: ReadonlySet<number>;
  readonly badClusters: ReadonlySet<string>;
  constructor(bad: Iterable<number>, hopeless: Iterable<number>, badClusters: Iterable<string>) {
    this.bad = new Set(bad);
    this.hopeless = new Set(hopeless);
    this.badClusters = new Set(badClusters);
  }

  /** Of each configuration all or nothing, without a word about which route it is. */
  tell(plan: Plan): Rejection[] {
    this.tries++;
    const rejections: Rejection[] = [];
    for (const { name } of plan.clusters)
      if (this.badClusters.has(name))
        rejections.push({ type: 'cluster', name, version: '', message: `cluster ${name} is no good` });
    for (const { listeners } of plan.servers)
      for (const listener of listeners) {
        const routes = listener.virtualHosts.flatMap(host => host.routes);
        const refused = routes.some(
          ({ ruleIndex, action }) =>
            this.hopeless.has(ruleIndex) || (this.bad.has(ruleIndex) && action.kind === 'forward'),
        );
        const name = `n/g/${listener.name}`;
        if (refused) rejections.push({ type: 'route', name, version: '', message: 'something is wrong' });
        else
          for (const route of routes) {
            const { action } = route;
            const kind = action.kind === 'forward' ? action.backends[0]?.target.kind : action.kind;
            this.serves.set(route.name, kind ?? '');
          }
      }
    return rejections;
  }
}

function settle(walls: Walls, plan: Plan, envoy: ModelEnvoy): boolean {
  let told: Plan | undefined = walls.begin(plan);
  for (let i = 0; i < 500; i++) {
    const rejections = envoy.tell(told);
    const next: Plan | undefined = rejections.length === 0 ? walls.taken() : walls.refused(rejections);
    if (next === undefined) return rejections.length === 0;
    told = next;
  }
  return false;
}

const N = 40;
const some = fc.uniqueArray(fc.nat(N - 1), { maxLength: 5 });

test('whatever is refused, all else is served, and what is refused is named', () => {
  fc.assert(
    fc.property(some, some, some, (bad, hopeless, refusedClusters) => {
      const routes = Array.from({ length: N }, (_, i) => routeOf(i, `c${i}`));
      const clusters = routes.map((_, i) => ({ name: `c${i}`, limit: `c${i}` }) as Cluster);
      const plan = planOf(routes, clusters);
      const envoy = new ModelEnvoy(
        bad,
        hopeless,
        refusedClusters.map(i => `c${i}`),
      );
      const walls = new Walls();
      assert.ok(settle(walls, plan, envoy), 'it ends with a configuration that is taken');
      for (let i = 0; i < N; i++) {
        const expected = hopeless.includes(i)
          ? undefined
          : bad.includes(i)
            ? 'direct'
            : refusedClusters.includes(i)
              ? 'invalid'
              : 'cluster';
        assert.equal(envoy.serves.get(`httproute/n/r/rule/${i}`), expected, `route ${i}`);
      }
      const named = new Set([...walls.leftOut()].map(([part]) => part.name));
      const expected = [...bad, ...hopeless].map(i => `httproute/n/r/rule/${i}`);
      assert.deepEqual([...named].sort(), [...new Set([...expected, ...envoy.badClusters])].sort());
      // The next time there is nothing to find out.
      envoy.tries = 0;
      assert.ok(settle(walls, plan, envoy));
      assert.equal(envoy.tries, 1);
    }),
  );
});

test('what is refused together with a part that Envoy names is told again without that part, before it is suspected', () => {
  const walls = new Walls();
  const plan = planOf([routeOf(0, 'c0'), routeOf(1, 'c1')], [{ name: 'c0', limit: 'c0' } as Cluster]);
  walls.begin(plan);
  const next = walls.refused([
    { type: 'cluster', name: 'c0', version: '', message: 'cluster c0 is no good' },
    { type: 'route', name: 'n/g/l2', version: '', message: 'what it needs is not there' },
  ]);
  assert.ok(next !== undefined);
  assert.equal(walls.taken(), undefined);
  assert.deepEqual(
    [...walls.leftOut()].map(([part]) => part.name),
    ['c0'],
  );
});
