import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects, PLANES } from '../../src/install/index.ts';
import type { PlaneKind } from '../../src/plan/index.ts';
import { until } from '../support/until.ts';
import { Lab, labImages } from './lab/index.ts';
import { GatewayBench, stopInstalled } from './support/gateways.ts';

const PATIENCE_MS = 180_000;
const SERVICE_ACCOUNT = 'system:serviceaccount:breakwater-system:breakwater';

for (const plane of PLANES)
  test(`${plane}: with --gateway-namespace Gateways are served there alone, with rights to write there alone`, async t => {
    const scene = await Scene.start(plane);
    t.after(() => stopInstalled(scene.lab));
    const { lab, bench } = scene;
    await bench.gateway('infra', 'served');
    await bench.gateway('default', 'elsewhere');
    const address = await bench.programmed('infra', 'served');
    await bench.answers(address, 'served.example');
    await until(
      'the other one says why it is not served',
      async () => /^False .*--gateway-namespace names infra$/.test(await scene.accepted('elsewhere')),
      PATIENCE_MS,
    ).catch(async error => {
      throw new Error(`${error.message}: ${await scene.accepted('elsewhere')}`);
    });
    assert.deepEqual([...(await bench.versions('default')).keys()], []);

    // Routes and backends may be anywhere that is read.
    const spec = {
      listeners: [
        { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } },
      ],
    };
    await lab.objects.apply([bench.object('infra', 'served', spec), scene.routeFromDefault('served')]);
    await bench.answers(address, 'far.example');

    await lab.objects.delete([bench.object('infra', 'served')]);
    await until('all is gone', async () => (await bench.versions('infra')).size === 0, PATIENCE_MS);
    const refused = (await lab.audited()).filter(({ responseStatus }) => responseStatus?.code === 403);
    assert.deepEqual(
      refused.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.namespace}`),
      [],
    );
  });

/** A lab with Breakwater for the Gateways of the namespace `infra`. */
class Scene {
  readonly lab: Lab;
  readonly bench: GatewayBench;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.bench = new GatewayBench(lab);
  }

  static async start(plane: PlaneKind): Promise<Scene> {
    const lab = await Lab.start({ images: labImages, auditedUser: SERVICE_ACCOUNT });
    try {
      const options = { ...defaultInstallOptions(packageVersion()), plane, replicas: 1 };
      await lab.objects.apply([
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'infra' } },
        ...installObjects({ ...options, gatewayNamespaces: ['infra'], gatewayClass: 'breakwater' }),
      ]);
      const scene = new Scene(lab);
      await Promise.all(['infra', 'default'].map(namespace => scene.bench.backend(namespace)));
      return scene;
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Condition `Accepted` of a Gateway of `default`. */
  async accepted(name: string): Promise<string> {
    const path = `/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways/${name}`;
    const { status } = (await this.lab.objects.ask('GET', path)) as {
      status?: { conditions?: { type: string; status: string; message: string }[] };
    };
    const condition = status?.conditions?.find(({ type }) => type === 'Accepted');
    return `${condition?.status} ${condition?.message}`;
  }

  /** `far.example` leads from a Gateway of `infra` to the backend in `default`. */
  routeFromDefault(gateway: string): object {
    const route = this.bench.route('default', 'far', gateway, 'far.example') as { spec: object };
    return { ...route, spec: { ...route.spec, parentRefs: [{ name: gateway, namespace: 'infra' }] } };
  }
}
