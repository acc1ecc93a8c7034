import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { eventually } from '../proxy/support/within.ts';
import { assertAtRest } from './support/at-rest.ts';
import { ask, Load } from './support/load.ts';
import { Manifests, running } from './support/running.ts';

const ROUTES = 10_000;
const place = new Workplace();
after(() => place.close());

function routes(count: number): string {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: `route-${i}` },
      spec: {
        parentRefs: [{ name: 'gateway' }],
        hostnames: ['many'],
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: `/route-${i}` } }],
            backendRefs: [{ group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' }],
          },
        ],
      },
    }),
  ).join('\n---\n');
}

test(`${ROUTES} routes: the last is served as the first, and one more is while requests go on`, async t => {
  const upstream = new CountingUpstream(() => 1);
  t.after(() => upstream.close());
  const port = await upstream.listen('127.93.0.1');
  const files = new Manifests(join(place.folder, 'many'));
  files.write('pool.yaml', poolManifest([{ address: '127.93.0.1', port }]));
  files.write('routes.yaml', routes(ROUTES));
  const { up, gateway, admin } = await running(place, ['-f', files.path, '--workers', '2']);
  const status = async (i: number) => (await ask(gateway, { host: 'many', path: `/route-${i}` })).status;
  assert.equal(await status(0), 200);
  assert.equal(await status(ROUTES - 1), 200);
  assert.equal(await status(ROUTES), 404);
  const load = new Load(gateway, 2, { host: 'many', path: `/route-${ROUTES / 2}` });
  const began = performance.now();
  files.replace('routes.yaml', routes(ROUTES + 1));
  await eventually(120_000, 'one more', async () => (await status(ROUTES)) === 200);
  t.diagnostic(`an edit is served after ${Math.round(performance.now() - began)} ms`);
  await load.stop();
  assert.deepEqual(load.lost, []);
  await assertAtRest(admin);
  await up.kill();
});
