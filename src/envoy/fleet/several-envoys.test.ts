import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Plan, Route, Server } from '../../plan/index.ts';
import { NO_HEADER_MUTATION } from '../../plan/index.ts';
import { routeConfigurationName } from '../resources/resource-names.ts';
import { makeSnapshot, type Snapshot } from '../xds/snapshot.ts';
import type { ConnectedEnvoy } from '../xds/xds-server.ts';
import { GatewayState } from './gateway-state.ts';

const ROUTES = 12;
const common = { requestHeaders: NO_HEADER_MUTATION, responseHeaders: NO_HEADER_MUTATION };
const routes = Array.from(
  { length: ROUTES },
  (_, index): Route => ({
    name: `r${index}`,
    source: { kind: 'HTTPRoute', namespace: 'n', name: `r${index}` },
    ruleIndex: 0,
    match: { path: { type: 'Exact', value: `/${index}` }, headers: [], queryParams: [] },
    ...common,
    mirrors: [],
    action: {
      kind: 'forward',
      backends: [{ weight: 1, target: { kind: 'cluster', cluster: 'c' }, ...common }],
    },
    timeouts: {},
  }),
);
const wanted: Plan = {
  version: '1',
  servers: [
    {
      name: 'n/g/80',
      gateway: { kind: 'Gateway', namespace: 'n', name: 'g' },
      port: 80,
      protocol: 'HTTP',
      listeners: [{ name: 'l', certificates: [], virtualHosts: [{ domain: '*', routes }] }],
    },
  ],
  clusters: [],
  pools: [],
  limits: [],
};

const CONFIGURATION = routeConfigurationName(wanted.servers[0] as Server, undefined);

/** The Envoys of one Gateway, each of which refuses some routes: of all routes, all or nothing. */
class World {
  readonly plans = new Map<Snapshot, Plan>();
  readonly state: GatewayState;
  readonly envoys = new Map<object, { id: string; bad: ReadonlySet<number>; told: Snapshot }>();
  now = 0;

  constructor() {
    const snapshotOf = (plan: Plan) => {
      const made = makeSnapshot({});
      this.plans.set(made, plan);
      return made;
    };
    this.state = new GatewayState(wanted, { snapshotOf, unwritable: () => [] }, { firstMs: 10, maxMs: 40 });
  }

  join(id: string, bad: Iterable<number>): object {
    const stream = {};
    this.envoys.set(stream, { id, bad: new Set(bad), told: this.state.told });
    return stream;
  }

  served(told: Snapshot): number[] {
    const [server] = (this.plans.get(told) as Plan).servers;
    return (server?.listeners[0]?.virtualHosts[0]?.routes ?? []).flatMap(({ name, action }) =>
      action.kind === 'forward' ? [Number(name.slice(1))] : [],
    );
  }

  connected(): ConnectedEnvoy[] {
    return [...this.envoys].map(([stream, { id, bad, told }]) => ({
      stream,
      node: { id },
      settled: true,
      rejections: this.served(told).some(index => bad.has(index))
        ? [{ type: 'route', name: CONFIGURATION, version: '', message: 'no' }]
        : [],
    })) as unknown as ConnectedEnvoy[];
  }

  /** Until nobody has to be told anything. */
  settle(): void {
    for (let i = 0; i < 500; i++) {
      const { all, alone } = this.state.note(this.connected(), this.now);
      if (all)
        for (const [stream, envoy] of this.envoys)
          envoy.told = this.state.exceptions.get(stream) ?? this.state.told;
      for (const [stream, snapshot] of alone) this.tell(stream, snapshot);
      if (!all && alone.size === 0) return;
    }
    assert.fail('it does not come to rest');
  }

  tell(stream: object, snapshot: Snapshot): void {
    const envoy = this.envoys.get(stream);
    if (envoy !== undefined) envoy.told = snapshot;
  }

  later(): void {
    this.now += 1_000;
    for (const [stream, snapshot] of this.state.retries(this.now)) this.tell(stream, snapshot);
    this.settle();
  }

  /** What all serve alike is what none of them refuses. */
  check(): void {
    const bad = new Set([...this.envoys.values()].flatMap(each => [...each.bad]));
    const good = Array.from({ length: ROUTES }, (_, i) => i).filter(index => !bad.has(index));
    for (const { told } of this.envoys.values()) assert.deepEqual(this.served(told), good);
    const report = this.state.report(this.connected());
    const named = new Set((report.leftOut ?? []).map(({ source }) => source.name));
    assert.deepEqual([...named].sort(), [...bad].map(index => `r${index}`).sort());
    assert.equal(report.refusal, undefined);
    assert.equal(report.taken, this.envoys.size);
  }
}

const some = fc.uniqueArray(fc.nat(ROUTES - 1), { maxLength: 3 });

test('what any Envoy of a Gateway refuses is left out for all of them, and nothing else, whoever comes and goes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ bad: some, leaves: fc.boolean(), waits: fc.boolean() }), { minLength: 1 }),
      steps => {
        const world = new World();
        for (const [index, { bad, leaves, waits }] of steps.entries()) {
          world.join(`e${index}`, bad);
          world.settle();
          if (waits) world.later();
          const [first] = world.envoys.keys();
          if (leaves && world.envoys.size > 1 && first !== undefined) {
            world.envoys.delete(first);
            world.settle();
          }
          world.check();
        }
      },
    ),
  );
});

test('an Envoy that connects again is not asked about each part once more, and later it is', () => {
  const world = new World();
  const stream = world.join('e', [3, 7]);
  world.settle();
  world.check();
  const known = world.plans.size;
  world.envoys.delete(stream);
  world.settle();
  const again = world.join('e', [3, 7]);
  world.settle();
  world.check();
  assert.ok(world.plans.size <= known + 1, 'nothing was tried');
  (world.envoys.get(again) as { bad: ReadonlySet<number> }).bad = new Set();
  world.later();
  world.check();
});
