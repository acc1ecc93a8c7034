import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrapJson } from '../../src/envoy/bootstrap.ts';
import { EnvoyFleet } from '../../src/envoy/fleet/fleet.ts';
import type { PoolHold, PoolHolders } from '../../src/plan/index.ts';
import { answer, Upstream } from '../proxy/support/upstream.ts';
import { EnvoyProcess } from '../support/envoy-process.ts';
import { freePort } from '../support/free-port.ts';
import { planOf } from '../support/plan-of.ts';
import { until } from '../support/until.ts';

/** One replica that other replicas' words are put into. */
class Holders implements PoolHolders {
  holder: string | undefined = '127.0.0.1';
  hold: PoolHold | undefined = { sinceMs: performance.now() };
  readonly #listeners = new Set<() => void>();

  holderOf(): string | undefined {
    return this.holder;
  }

  held(): PoolHold | undefined {
    return this.hold;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(holder: string | undefined, hold: PoolHold | undefined): void {
    this.holder = holder;
    this.hold = hold;
    for (const listener of this.#listeners) listener();
  }
}

class Scene implements AsyncDisposable {
  readonly events: string[] = [];
  readonly holders = new Holders();
  readonly upstream: Upstream;
  readonly fleet: EnvoyFleet;
  readonly #envoys: EnvoyProcess[] = [];

  private constructor(upstream: Upstream, fleet: EnvoyFleet, events: string[], holders: Holders) {
    this.upstream = upstream;
    this.fleet = fleet;
    this.events = events;
    this.holders = holders;
  }

  static async start(): Promise<Scene> {
    const upstream = await Upstream.start(({ wire }) => void wire.write(answer('served')));
    const events: string[] = [];
    const holders = new Holders();
    const fleet = await EnvoyFleet.start({
      address: '127.0.0.1',
      xdsPort: 0,
      pickerPort: 0,
      tls: undefined,
      holders,
      onEvent: message => events.push(message),
    });
    return new Scene(upstream, fleet, events, holders);
  }

  async envoy(gateway: string, id = `${gateway}-pod`): Promise<EnvoyProcess> {
    const envoy = await EnvoyProcess.start(
      bootstrapJson({
        nodeId: id,
        nodeCluster: gateway,
        xds: { host: '127.0.0.1', port: this.fleet.xdsPort },
        admin: { host: '127.0.0.1', port: 0 },
      }),
    );
    this.#envoys.push(envoy);
    return envoy;
  }

  trouble(server: string): string | undefined {
    return this.fleet.report().servers.find(({ name }) => name === server)?.error;
  }

  /** Envoy acknowledges a message before each of its workers has it: what comes right after may still meet the old state. */
  async serves(port: number, path: string, expected = '200 served'): Promise<void> {
    await until(
      `${path} on port ${port}: ${expected}`,
      async () => (await this.served(port, path)) === expected,
    );
  }

  async served(port: number, path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${await response.text()}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#envoys.map(envoy => envoy.stop()));
    await this.fleet.close();
    await this.upstream.close();
  }
}

const REFUSED = { type: 'RegularExpression', value: '/(?:a{100}){100}' };

function gateway(name: string, port: number, backend: number, path: object): string {
  return `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${name} }
spec: { gatewayClassName: class, listeners: [{ name: http, protocol: HTTP, port: ${port} }] }
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: { name: ${name} }
spec: { endpoints: [{ ip: { address: 127.0.0.1, port: ${backend} } }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: ${name} }]
  rules:
    - matches: [{ path: ${JSON.stringify(path)} }]
      backendRefs: [{ group: gateway.envoyproxy.io, kind: Backend, name: ${name} }]
`;
}

const CLASS = `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: class }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
`;

const prefix = (value: string) => ({ type: 'PathPrefix', value });

test('each Envoy is told its own Gateway, and one that refuses does not hold up the others', async () => {
  await using scene = await Scene.start();
  const [first, second] = [await freePort(), await freePort()];
  const plan = (one: object, two: object) =>
    planOf(
      CLASS +
        gateway('one', first, scene.upstream.port, one) +
        gateway('two', second, scene.upstream.port, two),
    );
  const servers = { one: `default/one/${first}`, two: `default/two/${second}` };
  const report = await scene.fleet.apply(plan(prefix('/a'), prefix('/a')));
  assert.deepEqual(
    report.servers.map(({ error }) => error),
    Array(2).fill('no Envoy of this Gateway is connected to the control plane'),
  );
  let changes = 0;
  scene.fleet.onReport(() => changes++);

  const envoy = await scene.envoy('default/one');
  await envoy.port('default/one/http');
  await until('it has taken all', () => scene.trouble(servers.one) === undefined);
  await scene.serves(first, '/a');
  assert.match(scene.trouble(servers.two) ?? '', /no Envoy of this Gateway/);
  assert.ok(changes > 0);
  const dump = await envoy.get('/config_dump?include_eds');
  assert.doesNotMatch(dump, /default\/two/);

  await scene.envoy('default/two').then(other => other.port('default/two/http'));
  await until('the other too', () => scene.trouble(servers.two) === undefined);

  await scene.fleet.apply(plan(REFUSED, prefix('/b')));
  await until('the refusal is told', () => /repetition/.test(scene.trouble(servers.one) ?? ''));
  await scene.serves(second, '/b');
  assert.equal(scene.trouble(servers.two), undefined);
  assert.equal(await scene.served(first, '/a'), '200 served', 'the last good state goes on');
  assert.ok(
    scene.events.some(event => /default\/one-pod of Gateway default\/one refuses .*repetition/.test(event)),
  );

  await scene.fleet.apply(plan(prefix('/c'), prefix('/b')));
  await until('it is mended', () => scene.trouble(servers.one) === undefined);
  await scene.serves(first, '/c');
});

test('an Envoy that is nobody’s is turned away, and says so in the log', async () => {
  await using scene = await Scene.start();
  await scene.fleet.apply(planOf(CLASS + gateway('one', await freePort(), scene.upstream.port, prefix('/'))));
  await scene.envoy('default/other', 'stranger');
  await until('it is told', () =>
    scene.events.some(event => /^xDS 127\.0\.0\.1:\d+.*"stranger" belongs to no gateway/.test(event)),
  );
  assert.match(await scene.fleet.metricsText(), /breakwater_xds_events_total\{kind="refused"\} [1-9]/);
});
