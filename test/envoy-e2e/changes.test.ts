import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { assertAtRest, endpointsOf } from '../faults/support/at-rest.ts';
import { ask, Load } from '../faults/support/load.ts';
import { Manifests } from '../faults/support/running.ts';
import { StreamingServer } from '../faults/support/streaming-server.ts';
import { until } from '../support/until.ts';
import { hostRoute } from './support/host-route.ts';
import { upEnvoy } from './support/up-envoy.ts';

const place = new Workplace();
after(() => place.close());

async function programmed(): Promise<string> {
  const template = '{range .status.conditions[?(@.type=="Programmed")]}{.status} {.message}{end}';
  return (await place.run(['get', 'gateway/gateway', '-o', `jsonpath=${template}`])).stdout;
}

test('edits of every kind under load: no request is lost, no limit is passed, streams go on', async t => {
  const [one, two] = [new CountingUpstream(() => 5 + Math.random() * 10), new CountingUpstream(() => 5)];
  const streams = new StreamingServer();
  t.after(() => Promise.all([one, two, streams].map(server => server.close())));
  const port = await one.listen('127.86.3.1');
  await two.listen('127.86.3.2', port);
  const streamPort = await streams.listen('127.86.3.3');
  const files = new Manifests(join(place.folder, 'edits'));
  const pool = (maxParallelRequests: number, addresses = ['127.86.3.1']) =>
    files.replace(
      'pool.yaml',
      poolManifest(
        addresses.map(address => ({ address, port })),
        { maxParallelRequests },
      ),
    );
  pool(2);
  files.write('streams.yaml', hostRoute('streams', { address: '127.86.3.3', port: streamPort }));
  const { up, gateway, admin } = await upEnvoy(place, files.path);
  const open = Array.from({ length: 4 }, () => ask(gateway, { host: 'streams' }));
  await until('four streams', () => streams.open === 4);
  const load = new Load(gateway, 8);
  const more = async () => {
    const { ok } = load;
    await until('more answers', () => load.ok > ok + 30);
  };
  const applied = async (edit: () => void) => {
    const from = up.output.length;
    edit();
    await until('the edit is applied', () => up.output.slice(from).includes(' applied: '));
    await more();
  };

  await more();
  assert.equal(one.most, 2);
  await applied(() => pool(1));
  one.most = one.now;
  await more();
  assert.equal(one.most, 1);
  await applied(() => pool(3));
  assert.equal(one.most, 3);
  // Routes, and with them clusters and limits, come and go.
  for (let round = 0; round < 3; round++) {
    const route = hostRoute(`host-${round}`, { address: '127.86.3.2', port });
    await applied(() => files.write(`route-${round}.yaml`, route));
    assert.equal((await ask(gateway, { host: `host-${round}` })).status, 200);
    await applied(() => files.remove(`route-${round}.yaml`));
  }
  // The pool's route itself changes its name, under load.
  await applied(() =>
    files.replace(
      'pool.yaml',
      poolManifest([{ address: '127.86.3.1', port }], { maxParallelRequests: 3 }).replaceAll(
        '"name":"route"',
        '"name":"renamed"',
      ),
    ),
  );
  await applied(() => pool(3, ['127.86.3.1', '127.86.3.2']));
  const served = two.served;
  await until('answers of the new endpoint', () => two.served > served);
  await applied(() => pool(3, ['127.86.3.2']));
  await until('one endpoint', async () => (await endpointsOf(admin)).length === 1);
  await until('nothing at the old one', () => one.now === 0);

  await load.stop();
  assert.deepEqual(load.lost, []);
  assert.equal(streams.open, 4);
  streams.finish();
  for (const { status, body } of await Promise.all(open)) {
    assert.equal(status, 200);
    assert.ok(body.endsWith('data: [DONE]\n\n'));
  }
  await assertAtRest(admin);
  up.signal('SIGTERM');
  assert.equal(await up.exited(), 0);
});

test('a route that cannot be served costs itself, while it is edited too', async t => {
  const upstream = new CountingUpstream(() => 5);
  t.after(() => upstream.close());
  const port = await upstream.listen('127.86.3.4');
  const files = new Manifests(join(place.folder, 'refused'));
  files.write('pool.yaml', poolManifest([{ address: '127.86.3.4', port }]));
  const { up, gateway, admin } = await upEnvoy(place, files.path);
  assert.match(await programmed(), /^True /);
  const load = new Load(gateway, 4);
  const backend = { address: '127.86.3.4', port };
  const policy = `---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: { name: bad }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: bad }]
  requestBuffer: { limit: 5Gi }
`;
  for (let round = 0; round < 2; round++) {
    const from = up.output.length;
    files.write('bad.yaml', `${hostRoute('bad', backend)}\n${policy}`);
    await until('it is named', () =>
      /requestBuffer\.limit: must be from 1 to 4294967295 bytes/.test(up.output.slice(from)),
    );
    await until('500', async () => (await ask(gateway, { host: 'bad' })).status === 500);
    assert.match(await programmed(), /^True /);
    files.write('bad.yaml', hostRoute('bad', backend));
    await until('it is mended', async () => (await ask(gateway, { host: 'bad' })).status === 200);
    files.remove('bad.yaml');
  }
  await load.stop();
  assert.deepEqual(load.lost, []);
  await assertAtRest(admin);
  await up.kill();
});
