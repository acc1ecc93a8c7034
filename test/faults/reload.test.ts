import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { eventually } from '../proxy/support/within.ts';
import { assertAtRest, endpointsOf } from './support/at-rest.ts';
import { ask, Load } from './support/load.ts';
import { Manifests, running } from './support/running.ts';
import { StreamingServer } from './support/streaming-server.ts';

const place = new Workplace();
after(() => place.close());
/** An edit is served within this, on a machine that does much else. */
const PATIENCE_MS = 60_000;

/** A route for one host, to a Backend with these ports of an address, weighted. */
function hostRoute(host: string, backends: readonly { address: string; port: number; weight: number }[]) {
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: host.replaceAll('.', '-') },
      spec: {
        parentRefs: [{ name: 'gateway' }],
        hostnames: [host],
        rules: [
          {
            backendRefs: backends.map(({ port, weight }) => ({
              group: 'gateway.envoyproxy.io',
              kind: 'Backend',
              name: `backend-${port}`,
              weight,
            })),
          },
        ],
      },
    },
    ...backends.map(({ address, port }) => ({
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'Backend',
      metadata: { name: `backend-${port}` },
      spec: { endpoints: [{ ip: { address, port } }] },
    })),
  ]
    .map(object => JSON.stringify(object))
    .join('\n---\n');
}

test('edits of every kind under load: no request is lost, no limit is passed, streams go on', async () => {
  const [one, two] = [new CountingUpstream(() => 5 + Math.random() * 10), new CountingUpstream(() => 5)];
  const streams = new StreamingServer();
  const port = await one.listen('127.84.0.1');
  const twoPort = await two.listen('127.84.0.2');
  const streamPort = await streams.listen('127.84.0.3');
  const files = new Manifests(join(place.folder, 'load'));
  const pool = (limit: number, addresses = ['127.84.0.1']) =>
    poolManifest(
      addresses.map(address => ({ address, port })),
      { maxParallelRequests: limit },
    );
  files.write('pool.yaml', pool(2));
  files.write('streams.yaml', hostRoute('streams', [{ address: '127.84.0.3', port: streamPort, weight: 1 }]));
  const { up, gateway, admin } = await running(place, ['-f', files.path, '--workers', '2']);

  const open = Array.from({ length: 4 }, () => ask(gateway, { host: 'streams' }));
  await eventually(PATIENCE_MS, 'four streams', () => streams.open === 4);
  const load = new Load(gateway, 8);
  const limitIs = (max: number) =>
    eventually(PATIENCE_MS, `limit ${max}`, async () => {
      const scopes = (await (await fetch(`${admin}/v1/limits`)).json()) as {
        scope: string;
        limits: { name: string; limit: number }[];
      }[];
      return scopes
        .filter(({ scope }) => scope === 'httproute/default/route/rule/0')
        .every(({ limits }) => limits.find(({ name }) => name === 'maxParallelRequests')?.limit === max);
    });
  const answers = (host: string, status: number) =>
    eventually(
      PATIENCE_MS,
      `${status} for ${host}`,
      async () => (await ask(gateway, { host })).status === status,
    );
  const settled = () => eventually(PATIENCE_MS, 'more answers', untilMore(load));

  await settled();
  assert.equal(one.most, 2);
  files.replace('pool.yaml', pool(1));
  await limitIs(1);
  await settled();
  one.most = one.now;
  await settled();
  assert.ok(one.most <= 1, `${one.most} at once after the limit was lowered to 1`);

  files.write('pool.yaml', pool(3));
  await limitIs(3);
  await settled();
  assert.equal(one.most, 3);

  // Routes come, change their weights and go.
  const both = (a: number, b: number) =>
    hostRoute('weighted', [
      { address: '127.84.0.1', port, weight: a },
      { address: '127.84.0.2', port: twoPort, weight: b },
    ]);
  files.write('weighted.yaml', both(1, 0));
  await answers('weighted', 200);
  assert.equal(two.served, 0);
  files.write('weighted.yaml', both(0, 1));
  await eventually(PATIENCE_MS, 'the other backend', async () => {
    await ask(gateway, { host: 'weighted' });
    return two.served > 0;
  });

  // A broken edit is reported with its place, and changes nothing; the mended one is taken.
  files.write('weighted.yaml', `${both(1, 1)}\n---\nkind: [\n`);
  await up.until(/weighted\.yaml:\d+:\d+: error: /);
  await answers('weighted', 200);
  files.write('weighted.yaml', both(1, 1));
  await settled();
  files.remove('weighted.yaml');
  await eventually(PATIENCE_MS, 'the route to be gone', async () => {
    const { status } = await ask(gateway, { host: 'weighted', path: '/other' });
    return status === 200 && !(await (await fetch(`${admin}/v1/plan`)).text()).includes('"weighted"');
  });

  // The pool gets another endpoint, then only that one.
  const three = new CountingUpstream(() => 5);
  await three.listen('127.84.0.4', port);
  files.write('pool.yaml', pool(3, ['127.84.0.1', '127.84.0.4']));
  await eventually(PATIENCE_MS, 'two endpoints', async () => (await endpointsOf(admin)).length === 2);
  await eventually(PATIENCE_MS, 'answers of the new one', () => three.served > 0);
  files.write('pool.yaml', pool(3, ['127.84.0.4']));
  await eventually(PATIENCE_MS, 'one endpoint', async () => (await endpointsOf(admin)).length === 1);
  await eventually(PATIENCE_MS, 'nothing at the old one', () => one.now === 0);

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
  await Promise.all([one, two, three, streams].map(server => server.close()));
});

test('fifty edits a second for a while: none is lost, the last one is served, and so are all requests', async () => {
  const upstream = new CountingUpstream(() => 1);
  const port = await upstream.listen('127.84.1.1');
  const files = new Manifests(join(place.folder, 'fast'));
  const manifest = (limit: number) =>
    poolManifest([{ address: '127.84.1.1', port }], { maxParallelRequests: limit });
  files.write('pool.yaml', manifest(100));
  const { up, gateway, admin } = await running(place, ['-f', files.path]);
  const load = new Load(gateway, 4);
  let edits = 0;
  const seconds = Number(process.env['BREAKWATER_EDIT_SECONDS'] ?? 3);
  const applied = () => up.output.match(/applied: BackendTrafficPolicy/g)?.length ?? 0;
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      edits++;
      if (edits % 2 === 0) files.write('pool.yaml', manifest(100 + edits));
      else files.replace('pool.yaml', manifest(100 + edits));
      if (edits < seconds * 50) return;
      clearInterval(timer);
      resolve();
    }, 20);
  });
  assert.ok(applied() >= 2, `only ${applied()} edits were taken up while they went on`);
  await eventually(PATIENCE_MS, 'the last edit', async () =>
    (await (await fetch(`${admin}/v1/limits`)).text()).includes(`"limit":${100 + edits}`),
  );
  await load.stop();
  assert.deepEqual(load.lost, []);
  assert.ok(load.ok > 0);
  await assertAtRest(admin);
  await up.kill();
  await upstream.close();
});

test('a folder that is moved away and back, or made anew, is served again', async () => {
  const upstream = new CountingUpstream(() => 1);
  const port = await upstream.listen('127.84.2.1');
  const files = new Manifests(join(place.folder, 'moving'));
  const manifest = (limit: number) =>
    poolManifest([{ address: '127.84.2.1', port }], { maxParallelRequests: limit });
  files.write('pool.yaml', manifest(11));
  const { up, gateway, admin } = await running(place, ['-f', files.path]);
  const limitIs = (limit: number) =>
    eventually(PATIENCE_MS, `limit ${limit}`, async () =>
      (await (await fetch(`${admin}/v1/limits`)).text()).includes(`"limit":${limit}`),
    );
  renameSync(files.path, `${files.path}-away`);
  await up.until(/is not there any more: its last objects are kept/);
  assert.equal((await ask(gateway)).status, 200);
  renameSync(`${files.path}-away`, files.path);
  files.write('pool.yaml', manifest(12));
  await limitIs(12);
  rmSync(files.path, { recursive: true });
  const anew = new Manifests(files.path);
  anew.write('pool.yaml', manifest(13));
  await limitIs(13);
  anew.replace('pool.yaml', manifest(14));
  await limitIs(14);
  assert.equal((await ask(gateway)).status, 200);
  await assertAtRest(admin);
  await up.kill();
  await upstream.close();
});

/** True once enough answers came after the first look. */
function untilMore(load: Load): () => boolean {
  const before = load.ok;
  return () => load.ok >= before + 30;
}
