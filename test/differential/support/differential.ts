import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EnvoyPlane } from '../../../src/envoy/plane.ts';
import { Ports } from '../../../src/proxy/plane/ports.ts';
import { TestGateway } from '../../proxy/support/gateway.ts';
import { plainRoute } from '../../proxy/support/manifests.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { envoyPath } from '../../support/envoy.ts';
import type { PlaneName, Scenario } from './scenario.ts';

const ok: Script = ({ wire }) => void wire.write(answer('ok'));

/** One row, on both planes. */
const TIMEOUT_MS = 30_000;

/** Runs each row on both planes, one worker each, and compares. */
export function differential(scenarios: readonly Scenario[]): void {
  const gateways: Record<PlaneName, TestGateway> = {
    embedded: new TestGateway({ workers: 1 }),
    envoy: new TestGateway({ plane: startEnvoy }),
  };
  before(async () => void (await Promise.all([gateways.embedded.start(), gateways.envoy.start()])));
  after(async () => void (await Promise.all([gateways.embedded.close(), gateways.envoy.close()])));

  for (const scenario of scenarios) {
    test(scenario.name, { timeout: TIMEOUT_MS }, async () => {
      const embedded = await observe(gateways.embedded, scenario, 'embedded');
      const envoy = await observe(gateways.envoy, scenario, 'envoy');
      const { gives, differs } = scenario;
      if (differs === undefined) {
        assert.deepEqual(embedded, envoy, 'the embedded plane (+) gives what Envoy (-) gives');
        if (gives !== undefined) assert.deepEqual(envoy, gives, 'both give what is written');
        return;
      }
      assert.deepEqual(envoy, differs.envoy, 'Envoy');
      assert.deepEqual(embedded, differs.embedded, 'the embedded plane');
      assert.notDeepEqual(embedded, envoy, 'the planes agree now: take the difference out of the row');
    });
  }
}

async function observe(gateway: TestGateway, scenario: Scenario, plane: PlaneName): Promise<unknown> {
  let seen: unknown;
  try {
    await gateway.serveMany(
      scenario.upstreams?.() ?? [ok],
      async scene => {
        seen = await scenario.run(scene);
      },
      scenario.manifests ?? plainRoute(),
    );
  } catch (error) {
    if (error instanceof Error) error.message = `on the ${plane} plane: ${error.message}`;
    throw error;
  }
  return seen;
}

async function startEnvoy(onEvent: (message: string, severity: 'info' | 'warning' | 'error') => void) {
  const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
  return EnvoyPlane.start({
    envoyPath: await envoyPath(),
    concurrency: 1,
    findPorts: (servers, current) => ports.find(servers, current),
    onEvent,
    onLog: () => {},
  });
}
