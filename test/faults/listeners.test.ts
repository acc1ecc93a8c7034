import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { eventually } from '../proxy/support/within.ts';
import { assertAtRest } from './support/at-rest.ts';
import { ask, Load } from './support/load.ts';
import { Manifests, running } from './support/running.ts';

const place = new Workplace();
after(() => place.close());
const PATIENCE_MS = 60_000;

/** Ports that are free, for what is not the first listener's. */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  for (let i = 0; i < count; i++) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  const ports = servers.map(server => (server.address() as { port: number }).port);
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

const hostRoute = (host: string) =>
  JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: host },
    spec: {
      parentRefs: [{ name: 'gateway' }],
      hostnames: [host],
      rules: [
        { backendRefs: [{ group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'pool' }] },
      ],
    },
  });

test('listeners come and go, routes change with them, the Gateway is renamed: no request on what stays is lost', async () => {
  const upstream = new CountingUpstream(() => 1);
  const port = await upstream.listen('127.91.0.1');
  const files = new Manifests(join(place.folder, 'listeners'));
  const pool = poolManifest([{ address: '127.91.0.1', port }]);
  files.write('pool.yaml', pool);
  const { up, gateway, admin } = await running(place, ['-f', files.path, '--workers', '4']);
  const offset = Number(gateway.split(':')[1]) - 80;
  const more = (await freePorts(10)).filter(free => free > offset).map(free => free - offset);
  const load = new Load(gateway, 6);

  // Each edit adds a listener, for which the workers have to wait, and takes away or brings back the route of a host.
  const withListeners = (ports: readonly number[], name = 'gateway') =>
    pool
      .replaceAll('"name":"gateway"', `"name":"${name}"`)
      .replace(
        '{"name":"http","port":80,"protocol":"HTTP"}',
        ['80', ...ports].map(each => `{"name":"http-${each}","port":${each},"protocol":"HTTP"}`).join(','),
      );
  const hosts = new Load(gateway, 3, { host: 'sometimes' });
  for (let i = 1; i <= more.length; i++) {
    files.replace(
      'pool.yaml',
      `${withListeners(more.slice(0, i))}${i % 2 ? `\n---\n${hostRoute('sometimes')}` : ''}`,
    );
    const added = `127.0.0.1:${offset + more[i - 1]!}`;
    await eventually(PATIENCE_MS, `an answer on ${added}`, () =>
      ask(added).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  }

  files.replace('pool.yaml', withListeners(more.slice(0, 1), 'renamed'));
  await eventually(PATIENCE_MS, 'the new name', async () => {
    const plan = await (await fetch(`${admin}/v1/plan`)).text();
    return plan.includes('default/renamed/80') && !plan.includes('default/gateway/80');
  });
  const before = load.ok;
  await eventually(PATIENCE_MS, 'more answers', () => load.ok > before + 50);
  if (more.length > 1)
    await assert.rejects(ask(`127.0.0.1:${offset + more.at(-1)!}`), { code: 'ECONNREFUSED' });
  await Promise.all([load.stop(), hosts.stop()]);
  assert.deepEqual(load.lost, []);
  assert.deepEqual(hosts.lost, []);
  assert.doesNotMatch(up.output, /died|is not bound/);
  await assertAtRest(admin);
  up.signal('SIGTERM');
  assert.equal(await up.exited(), 0);
  await upstream.close();
});

test('apply and delete while files change: each is served, and the last writer of an object wins', async () => {
  const upstream = new CountingUpstream(() => 1);
  const port = await upstream.listen('127.91.0.2');
  const files = new Manifests(join(place.folder, 'applied'));
  const manifest = (limit: number) =>
    poolManifest([{ address: '127.91.0.2', port }], { maxParallelRequests: limit });
  files.write('pool.yaml', manifest(10));
  const { up, gateway, admin } = await running(place, ['-f', files.path]);
  const load = new Load(gateway, 4);
  const limitIs = (limit: number) =>
    eventually(PATIENCE_MS, `limit ${limit}`, async () =>
      (await (await fetch(`${admin}/v1/limits`)).text()).includes(`"limit":${limit}`),
    );
  let edits = 10;
  const editing = setInterval(
    () => files.replace('other.yaml', `# ${edits++}\n${hostRoute(`host-${edits % 5}`)}`),
    30,
  );
  const apply = (text: string) => place.run(['apply', '-f', '-', '--server', admin], text);
  assert.match((await apply(manifest(77))).stdout, /backendtrafficpolicy\S* configured/);
  await limitIs(77);
  assert.match((await apply(hostRoute('applied'))).stdout, /created/);
  assert.match((await apply(hostRoute('applied'))).stdout, /unchanged/);
  assert.equal((await ask(gateway, { host: 'applied' })).status, 200);
  assert.match((await place.run(['delete', 'httproute/applied', '--server', admin])).stdout, /deleted/);
  clearInterval(editing);
  files.replace('pool.yaml', manifest(88));
  await limitIs(88);
  await load.stop();
  assert.deepEqual(load.lost, []);
  await assertAtRest(admin);
  await up.kill();
  await upstream.close();
});
