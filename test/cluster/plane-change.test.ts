import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { packageVersion } from '../../src/cli/package-version.ts';
import { defaultInstallOptions, installObjects } from '../../src/install/index.ts';
import type { PlaneKind } from '../../src/plan/index.ts';
import { until } from '../support/until.ts';
import type { Lab } from './lab/index.ts';
import { controllerLogs, type GatewayBench, installedLab, stopInstalled } from './support/gateways.ts';

const PATIENCE_MS = 180_000;
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';

let lab: Lab;
let bench: GatewayBench;

before(async () => {
  ({ lab, bench } = await installedLab('embedded', 1));
});
after(() => stopInstalled(lab));

async function changeTo(plane: PlaneKind): Promise<void> {
  const options = defaultInstallOptions(packageVersion());
  await lab.objects.apply(installObjects({ ...options, plane, replicas: 1, gatewayClass: 'breakwater' }));
}

/** Names of those of a kind that Breakwater manages. */
async function managed(path: string): Promise<string[]> {
  const selector = encodeURIComponent('app.kubernetes.io/managed-by=breakwater');
  const { items } = (await lab.objects.ask('GET', `${path}?labelSelector=${selector}`)) as {
    items: { metadata: { name: string } }[];
  };
  return items.map(({ metadata }) => metadata.name);
}

/** Who manages the slices of the Gateway's Service. */
async function sliceManagers(): Promise<string[]> {
  const { items } = (await lab.objects.ask('GET', SLICES)) as {
    items: { metadata: { labels: Record<string, string> } }[];
  };
  return items
    .map(({ metadata }) => metadata.labels)
    .filter(labels => labels['kubernetes.io/service-name']?.startsWith('envoy-') === true)
    .map(labels => labels['endpointslice.kubernetes.io/managed-by'] as string);
}

/** Once all of so many requests in a row do. */
async function allAnswer(address: string): Promise<void> {
  await until(
    'a hundred requests in a row are answered',
    async () => {
      for (let i = 0; i < 100; i++) if ((await bench.status(address, 'first.example')) !== 200) return false;
      return true;
    },
    PATIENCE_MS,
  ).catch(async error => {
    throw new Error(`${error.message}\n${await controllerLogs(lab)}`);
  });
}

test('changing the plane of a live installation, and back, leaves nothing of the other one that gets requests', async () => {
  await bench.gateway('default', 'first');
  const address = await bench.programmed('default', 'first');
  await allAnswer(address);

  await changeTo('envoy');
  await until(
    "the controller's own endpoint is gone",
    async () => `${await sliceManagers()}` === 'endpointslice-controller.k8s.io',
    PATIENCE_MS,
  );
  assert.equal(await bench.programmed('default', 'first'), address, 'the address stays');
  await allAnswer(address);

  await changeTo('embedded');
  await until(
    "Envoys' endpoints are gone",
    async () => `${await sliceManagers()}` === 'breakwater',
    PATIENCE_MS,
  );
  assert.equal(await bench.programmed('default', 'first'), address, 'the address stays');
  await allAnswer(address);
  for (const path of [
    '/apis/apps/v1/namespaces/default/deployments',
    '/api/v1/namespaces/default/serviceaccounts',
    '/api/v1/namespaces/default/configmaps',
    '/api/v1/namespaces/default/secrets',
  ])
    await until(`nothing is left at ${path}`, async () => (await managed(path)).length === 0, PATIENCE_MS);
});
