import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { EnvoyPlane } from '../../../src/envoy/envoy-plane.ts';
import { EmbeddedPlane } from '../../../src/proxy/embedded-plane.ts';
import { lookUpWith } from '../../../src/proxy/names/lookup.ts';
import { Ports } from '../../../src/proxy/plane/listening-ports.ts';
import { TestGateway } from '../../proxy/support/gateway.ts';
import { plainRoute } from '../../proxy/support/manifests.ts';
import { answer, type Script } from '../../proxy/support/upstream.ts';
import { DnsServer, type Zone } from '../../support/dns-server.ts';
import { envoyPath } from '../../support/envoy.ts';
import type { PlaneName, Scenario } from './scenario.ts';

const ok: Script = ({ wire }) => void wire.write(answer('ok'));

/** One row, on both planes. */
const TIMEOUT_MS = 30_000;

/**
 * Runs each row on both planes, one worker each, and compares.
 * @param zone what host names lead to, for both; absent: what the machine says
 */
export function differential(scenarios: readonly Scenario[], zone?: Zone): void {
  let dns: DnsServer | undefined;
  const gateways: Record<PlaneName, TestGateway> = {
    embedded: new TestGateway({
      workers: 1,
      ...(zone && { plane: onEvent => startEmbedded(onEvent, dns!.port) }),
    }),
    envoy: new TestGateway({ plane: onEvent => startEnvoy(onEvent, dns?.port) }),
  };
  before(async () => {
    if (zone !== undefined) dns = await DnsServer.start(zone);
    await Promise.all([gateways.embedded.start(), gateways.envoy.start()]);
  });
  after(async () => {
    await Promise.all([gateways.embedded.close(), gateways.envoy.close()]);
    dns?.close();
  });

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

type OnEvent = (message: string, severity: 'info' | 'warning' | 'error') => void;

function startEmbedded(onEvent: OnEvent, dnsPort: number) {
  const lookUp = lookUpWith({
    servers: [`127.0.0.1:${dnsPort}`],
    hostsFile: '/nowhere',
    system: async () => [],
  });
  return EmbeddedPlane.start({ address: '127.0.0.1', portOffset: 0, workers: 1, lookUp, onEvent });
}

async function startEnvoy(onEvent: OnEvent, dnsPort: number | undefined) {
  const ports = new Ports({ address: '127.0.0.1', portOffset: 0 });
  return EnvoyPlane.start({
    envoyPath: dnsPort === undefined ? await envoyPath() : envoyThatAsks(await envoyPath(), dnsPort),
    concurrency: 1,
    findPorts: (servers, current) => ports.find(servers, current),
    onEvent,
    onLog: () => {},
  });
}

/** A program that is Envoy with another resolver in its bootstrap. */
function envoyThatAsks(path: string, dnsPort: number): string {
  const resolver = {
    name: 'envoy.network.dns_resolver.cares',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig',
      resolvers: [{ socket_address: { address: '127.0.0.1', port_value: dnsPort } }],
    },
  };
  const file = join(mkdtempSync(join(tmpdir(), 'breakwater-dns-')), 'envoy');
  const more = JSON.stringify({ typed_dns_resolver_config: resolver });
  writeFileSync(file, `#!/bin/sh\nexec '${path}' "$@" --config-yaml '${more}'\n`, { mode: 0o755 });
  after(() => rmSync(dirname(file), { recursive: true }));
  return file;
}
