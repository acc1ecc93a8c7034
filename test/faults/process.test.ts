import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { eventually, within } from '../proxy/support/within.ts';
import { assertAtRest } from './support/at-rest.ts';
import { ask } from './support/load.ts';
import { Manifests, running } from './support/running.ts';
import { StreamingServer } from './support/streaming-server.ts';

const place = new Workplace();
after(() => place.close());
const PATIENCE_MS = 60_000;

/** A pool of one streaming model server, at an address of the test's own. */
async function streamingPool(
  name: string,
  address: string,
): Promise<{ server: StreamingServer; file: string }> {
  const server = new StreamingServer();
  const port = await server.listen(address);
  after(() => server.close());
  const file = join(place.folder, `${name}.yaml`);
  writeFileSync(file, poolManifest([{ address, port }]));
  return { server, file };
}

/** Whether nobody listens any more. No request: a listener that is about to close might still serve it. */
async function isRefused(gateway: string): Promise<boolean> {
  const [host = '', port] = gateway.split(':');
  const socket = connect(Number(port), host);
  try {
    await once(socket, 'connect');
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

test('kill -9: a clear word from `get`, and the next `up` starts and is found', async () => {
  const { file } = await streamingPool('killed', '127.87.0.1');
  const { up } = await running(place, ['-f', file]);
  await up.kill();
  const none = await place.run(['get', 'gateways']);
  assert.equal(none.code, 1);
  assert.match(
    none.stderr,
    /^error: no running Breakwater [^\n]*\n {2}Start one with `breakwater up -f [^\n]*\n$/,
  );
  const { up: next, admin } = await running(place, ['-f', file]);
  const found = await place.run(['get', 'gateway/gateway', '-o', 'name']);
  assert.match(found.stdout, /gateway/);
  await assertAtRest(admin);
  await next.kill();
});

test('SIGTERM: a stream in flight ends whole, nobody new is taken, and the exit code is 0', async () => {
  const { server, file } = await streamingPool('drained', '127.87.0.2');
  const { up, gateway } = await running(place, ['-f', file]);
  const stream = ask(gateway);
  await eventually(PATIENCE_MS, 'the stream', () => server.open === 1);
  up.signal('SIGTERM');
  await up.until(/waiting for 1 request in flight/);
  await eventually(PATIENCE_MS, 'refused connections', () => isRefused(gateway));
  server.finish();
  assert.match((await stream).body, /data: \[DONE\]\n\n$/);
  assert.equal(await within(PATIENCE_MS, 'the exit', up.exited()), 0);
});

test('clients that are idle, or in the middle of a head, do not hold up the end', async () => {
  const { file } = await streamingPool('idle', '127.87.0.3');
  const { up, gateway } = await running(place, ['-f', file]);
  const [host = '', port] = gateway.split(':');
  const idle = connect({ host, port: Number(port), allowHalfOpen: true });
  idle.on('error', () => {});
  await once(idle, 'connect');
  up.signal('SIGTERM');
  assert.equal(await within(PATIENCE_MS, 'the exit', up.exited()), 0);
  idle.destroy();
});

test('SIGINT twice ends a stream at once', async () => {
  const { server, file } = await streamingPool('twice', '127.87.0.4');
  const { up, gateway } = await running(place, ['-f', file]);
  const stream = ask(gateway);
  stream.catch(() => {});
  await eventually(PATIENCE_MS, 'the stream', () => server.open === 1);
  up.signal('SIGINT');
  await up.until(/waiting for 1 request in flight/);
  up.signal('SIGINT');
  assert.equal(await within(3000, 'the exit', up.exited()), 0);
  await assert.rejects(stream);
  await eventually(1000, 'the model server to be free', () => server.open === 0);
});

test('SIGINT while it starts, waiting for standard input: it ends', async () => {
  const { child, output } = place.start(['up', '-f', '-', '--admin-address', '127.0.0.1:0']);
  child.stdin?.write('# nothing yet\n');
  await eventually(PATIENCE_MS, 'a worker', () => threads(child.pid as number).includes('proxy-1'));
  child.kill('SIGINT');
  assert.equal(await within(PATIENCE_MS, 'the exit', output.exited()), 0);
});

test('standard input, a file and a folder together', async () => {
  const { file } = await streamingPool('together', '127.87.0.5');
  const route = (host: string) =>
    JSON.stringify({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: host },
      spec: {
        parentRefs: [{ name: 'gateway' }],
        hostnames: [host],
        rules: [
          {
            filters: [
              { type: 'RequestRedirect', requestRedirect: { hostname: 'else.where', statusCode: 302 } },
            ],
          },
        ],
      },
    });
  const folder = new Manifests(join(place.folder, 'together'));
  folder.write('a.yaml', route('folder'));
  const started = place.start([
    'up',
    ...['-f', '-', '-f', file, '-f', folder.path],
    ...['--port-offset', String(await freePortOffset()), '--admin-address', '127.0.0.1:0'],
  ]);
  started.child.stdin?.end(route('stdin'));
  await started.output.until(/Ctrl-C ends it/);
  const [, gateway = ''] = await started.output.until(/on http:\/\/(\S+)/);
  for (const host of ['stdin', 'folder']) assert.equal((await ask(gateway, { host })).status, 302);
  folder.write('b.yaml', route('later'));
  await eventually(
    PATIENCE_MS,
    'the later route',
    async () => (await ask(gateway, { host: 'stdin' })).status === 302,
  );
  await started.output.kill();
});

test('two at once: each listens, each is found by its admin address, and a port that becomes free is taken', async () => {
  const { file } = await streamingPool('two', '127.87.0.6');
  const offset = await freePortOffset();
  const args = ['up', '-f', file, '--port-offset', String(offset), '--admin-address', '127.0.0.1:0'];
  const one = place.start(args);
  await one.output.until(/Ctrl-C ends it/);
  const two = place.start(args);
  await two.output.until(/is not bound: .*taken by another program/);
  const [, admin = ''] = await two.output.until(/Admin API\s+(\S+)/);
  assert.equal((await fetch(`${admin}/readyz`)).status, 503);
  const programmed = () =>
    place.run([
      'get',
      'gateway/gateway',
      '--server',
      admin,
      '-o',
      "jsonpath={.status.conditions[?(@.type=='Programmed')].status}",
    ]);
  assert.equal((await programmed()).stdout, 'False');
  one.child.kill('SIGTERM');
  assert.equal(await one.output.exited(), 0);
  await two.output.until(/its port is free now; listening on/);
  assert.equal((await programmed()).stdout, 'True');
  assert.equal((await fetch(`${admin}/readyz`)).status, 200);
  await assertAtRest(admin);
  await two.output.kill();
});

test('an admin address that is taken: it says so, and ends', async t => {
  const { file } = await streamingPool('admin', '127.87.0.7');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const { port } = taken.address() as { port: number };
  const { output } = place.start([
    'up',
    '-f',
    file,
    '--admin-address',
    `127.0.0.1:${port}`,
    '--port-offset',
    '20000',
  ]);
  assert.equal(await within(PATIENCE_MS, 'the exit', output.exited()), 1);
  assert.match(output.output, new RegExp(`--admin-address 127\\.0\\.0\\.1:${port}`));
});

test('a home that cannot be written to', async () => {
  const { file } = await streamingPool('home', '127.87.0.8');
  const homeless = new Workplace();
  homeless.env['HOME'] = '/proc';
  homeless.env['XDG_RUNTIME_DIR'] = '/proc';
  homeless.env['TMPDIR'] = homeless.folder;
  after(() => homeless.close());
  const { up } = await running(homeless, ['-f', file]);
  assert.match((await homeless.run(['get', 'gateway/gateway', '-o', 'name'])).stdout, /gateway/);
  up.signal('SIGTERM');
  assert.equal(await up.exited(), 0);
});

/** The names of a process's threads. */
function threads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map(id =>
    readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim(),
  );
}

/** What to add to port 80 to get one that is free. */
async function freePortOffset(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port - 80;
}
