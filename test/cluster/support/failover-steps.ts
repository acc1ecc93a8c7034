import assert from 'node:assert/strict';
import type { PlaneKind } from '../../../src/plan/index.ts';
import { until } from '../../support/until.ts';
import type { Lab } from '../lab/index.ts';
import { FailoverBench } from './failover.ts';
import { type GatewayBench, installedLab } from './gateways.ts';
import { StreamLoad } from './stream-load.ts';

export const PATIENCE_MS = 180_000;
/** What is promised after a kill. */
export const TAKEOVER_MS = 5_000;
export const LIMIT = 3;
/** Longer than a takeover takes: streams begin before the kill, and end under the next holder. */
export const LONG_MS = 12_000;
export const SHORT_MS = 300;

/** Each Envoy has limits of its own: with two of them only the picker's hold for both. */
const TWO_ENVOYS = {
  apiVersion: 'gateway.envoyproxy.io/v1alpha1',
  kind: 'EnvoyProxy',
  metadata: { name: 'two', namespace: 'default' },
  spec: { provider: { type: 'Kubernetes', kubernetes: { envoyDeployment: { replicas: 2 } } } },
};
const OF_TWO_ENVOYS = {
  parametersRef: { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'two' },
};

/** Two replicas and a Gateway `front` under load: what tests do before a kill, and look at after it. */
export class FailoverSteps {
  readonly lab: Lab;
  readonly gateways: GatewayBench;
  readonly bench: FailoverBench;
  readonly address: string;

  private constructor(lab: Lab, gateways: GatewayBench, bench: FailoverBench, address: string) {
    this.lab = lab;
    this.gateways = gateways;
    this.bench = bench;
    this.address = address;
  }

  static async start(plane: PlaneKind): Promise<FailoverSteps> {
    const { lab, bench: gateways } = await installedLab(plane, 2);
    try {
      const bench = new FailoverBench(lab);
      await bench.bothReady();
      if (plane === 'envoy') await lab.objects.apply([TWO_ENVOYS]);
      await gateways.gateway('default', 'front', plane === 'envoy' ? { infrastructure: OF_TWO_ENVOYS } : {});
      const address = await gateways.programmed('default', 'front');
      await gateways.answers(address, 'front.example');
      if (plane === 'envoy') await bench.envoysReady('front', 2);
      return new FailoverSteps(lab, gateways, bench, address);
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** On the embedded plane, with a pool that is served. */
  static async startWithPool(pool: string): Promise<FailoverSteps> {
    const steps = await FailoverSteps.start('embedded');
    try {
      await steps.bench.pool('front', pool, LIMIT);
      await steps.served(pool);
      return steps;
    } catch (error) {
      await steps.lab.stop();
      throw error;
    }
  }

  async leader(): Promise<string> {
    return await until('one leads', () => this.bench.leader(), PATIENCE_MS);
  }

  /** The replica that is not this one. */
  async other(replica: string): Promise<string> {
    const names = (await this.bench.replicas()).map(({ metadata }) => metadata.name);
    const other = names.find(name => name !== replica);
    assert.ok(other !== undefined, `${names}`);
    return other;
  }

  /** A pool's model server runs, and its route is served. */
  async served(pool: string): Promise<void> {
    await this.bench.modelServer(pool);
    await until(
      `${pool} is served`,
      async () => {
        const load = new StreamLoad(this.address, `${pool}.example`).clients(1, 1);
        await load.stop();
        return load.summary()['served'] === 1;
      },
      PATIENCE_MS,
    );
  }

  /** More than the limit lets through: two long streams at a time, and short ones. */
  load(pool: string): StreamLoad {
    return new StreamLoad(this.address, `${pool}.example`).clients(2, LONG_MS).clients(3, SHORT_MS);
  }

  /** Of what no picker is asked about. */
  plainLoad(): StreamLoad {
    return new StreamLoad(this.address, 'front.example', 'backend').clients(1, SHORT_MS);
  }

  /** Two long streams run. */
  async isBusy(pool: string): Promise<void> {
    await until(`${pool} is busy`, async () => (await this.bench.counts(pool)).running >= 2, PATIENCE_MS);
  }

  /** A route that is made at this moment. @returns how long it took until it was served, and until it had its status */
  async newRoute(name: string): Promise<{ readonly servedMs: number; readonly statusMs: number }> {
    const startedAt = performance.now();
    const since = () => performance.now() - startedAt;
    await this.lab.objects.apply([this.gateways.route('default', name, 'front', `${name}.example`)]);
    const path = `/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/${name}`;
    const accepted = async () => {
      const { status } = (await this.lab.objects.ask('GET', path)) as {
        status?: { parents?: { conditions: { type: string; status: string }[] }[] };
      };
      const conditions = status?.parents?.[0]?.conditions ?? [];
      return conditions.some(each => each.type === 'Accepted' && each.status === 'True');
    };
    const [servedMs, statusMs] = await Promise.all([
      this.gateways.answers(this.address, `${name}.example`).then(since),
      until(`${name} has its status`, accepted, PATIENCE_MS).then(since),
    ]);
    return { servedMs, statusMs };
  }

  /** The one that was killed runs again and leads nothing. @param restarts before the kill */
  async standsBy(replica: string, restarts: number): Promise<void> {
    await until(
      'it was started again',
      async () => (await this.bench.restarts(replica)) > restarts,
      PATIENCE_MS,
    );
    await this.bench.bothReady();
    assert.equal(await this.bench.figure(replica, 'breakwater_controller_leader'), 0);
  }

  /** Nothing is in use by the gauges of any replica, nor at the model servers, which never had more than the limit at once. */
  async atRest(pools: readonly string[]): Promise<void> {
    const { bench } = this;
    await until('nothing is in use', async () => (await bench.inUse()).length === 0, PATIENCE_MS).catch(
      async error => {
        throw new Error(`${error.message}: ${await bench.inUse()}`);
      },
    );
    for (const pool of pools) {
      const { running, most } = await bench.counts(pool);
      assert.equal(running, 0, pool);
      assert.ok(most > 1 && most <= LIMIT, `${most} at once at the model server of ${pool}`);
    }
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
