import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects } from '../../src/install/index.ts';
import type { Lab } from './lab/index.ts';
import { type GatewayBench, installedLab } from './support/gateways.ts';

let lab: Lab;
let bench: GatewayBench;

before(async () => {
  ({ lab, bench } = await installedLab('envoy', 1));
  const options = defaultInstallOptions(packageVersion());
  await lab.objects.apply(
    installObjects({
      ...options,
      namespace: 'other-system',
      controllerName: 'example.com/other',
      gatewayClass: 'other',
      replicas: 1,
    }),
  );
});
after(() => lab?.stop());

test('a second installation serves the Gateways of its own classes beside the first', async () => {
  await bench.gateway('default', 'first');
  await bench.gateway('default', 'second', { gatewayClassName: 'other' });
  const [first, second] = [
    await bench.programmed('default', 'first'),
    await bench.programmed('default', 'second'),
  ];
  await bench.answers(first, 'first.example');
  await bench.answers(second, 'second.example');
  assert.equal(await bench.status(first, 'second.example'), 404);
  const makers = (await bench.owned('default', 'Service')).map(
    ({ metadata }) => metadata.annotations['breakwater.dev/controller-name'],
  );
  assert.deepEqual(makers.toSorted(), ['example.com/other', 'gateway.envoyproxy.io/gatewayclass-controller']);
  const names = async (namespace: string, path: string) => {
    const list = (await lab.objects.ask('GET', path.replace('NS', namespace))) as {
      items: { metadata: { name: string } }[];
    };
    return list.items.map(({ metadata }) => metadata.name);
  };
  for (const namespace of ['breakwater-system', 'other-system']) {
    const leases = await names(namespace, '/apis/coordination.k8s.io/v1/namespaces/NS/leases');
    assert.ok(leases.includes('breakwater-controller'), `${namespace}: ${leases}`);
    const secrets = await names(namespace, '/api/v1/namespaces/NS/secrets');
    assert.ok(secrets.includes('breakwater-tls'), `${namespace}: ${secrets}`);
  }
});
