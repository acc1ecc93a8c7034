import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { assertAtRest } from '../faults/support/at-rest.ts';
import { Load } from '../faults/support/load.ts';
import { StreamingServer } from '../faults/support/streaming-server.ts';
import { until } from '../support/until.ts';
import { ask } from './support/ask.ts';
import { envoyOf, isRunning, upEnvoy } from './support/up-envoy.ts';

const place = new Workplace();
after(() => place.close());

async function pool(name: string, upstream: CountingUpstream | StreamingServer, address: string) {
  const file = join(place.folder, `${name}.yaml`);
  writeFileSync(file, poolManifest([{ address, port: await upstream.listen(address) }]));
  return file;
}

test('kill -9 of Envoy under load: it is said, started again, and serves within about a second', async t => {
  const upstream = new CountingUpstream(() => 5);
  t.after(() => upstream.close());
  const { up, gateway, admin } = await upEnvoy(place, await pool('crash', upstream, '127.86.0.1'));
  const load = new Load(gateway, 4);
  await until('answers', () => load.ok > 20);
  const envoy = await envoyOf(up.child.pid);
  process.kill(envoy, 'SIGKILL');
  const killedAtMs = performance.now();
  await up.until(/error: Envoy ended \(SIGKILL\); it is started again in 200 ms/);
  const before = load.ok;
  await until('answers again', () => load.ok > before);
  const awayMs = performance.now() - killedAtMs;
  await up.until(/Envoy serves again/);
  assert.ok(awayMs < 3000, `away for ${Math.round(awayMs)} ms`);
  await load.stop();
  assert.ok(
    load.lost.every(what => /ECONNREFUSED|ECONNRESET|socket hang up|EPIPE/.test(what)),
    load.lost.find(what => !/ECONN|hang up|EPIPE/.test(what)),
  );
  assert.match(await (await fetch(`${admin}/metrics`)).text(), /^breakwater_envoy_restarts_total 1$/m);
  await assertAtRest(admin);
  await up.kill();
});

test('kill -9 of Breakwater ends its Envoy', async t => {
  const upstream = new CountingUpstream(() => 5);
  t.after(() => upstream.close());
  const { up } = await upEnvoy(place, await pool('orphan', upstream, '127.86.0.2'));
  const envoy = await envoyOf(up.child.pid);
  await up.kill();
  await until('Envoy has ended', () => !isRunning(envoy), 3000);
});

test('an Envoy that cannot start: its words are printed, and it is tried again ever more slowly', async t => {
  const upstream = new CountingUpstream(() => 5);
  t.after(() => upstream.close());
  const file = await pool('unstartable', upstream, '127.86.0.3');
  const { child, output } = place.start([
    ...['up', '-f', file, '--plane', 'envoy', '--envoy-path', '/bin/false', '--admin-address', '127.0.0.1:0'],
  ]);
  await output.until(/error: not applied.*: Envoy ended \(exit code 1\)/);
  await output.until(/Envoy ended \(exit code 1\); it is started again in 1000 ms/);
  child.kill('SIGINT');
  assert.equal(await output.exited(), 0);
});

test('Ctrl-C: no new connection is taken, what is in flight ends; a second one ends at once', async t => {
  const streams = new StreamingServer();
  t.after(() => streams.close());
  const file = await pool('drain', streams, '127.86.0.4');
  for (const twice of [false, true]) {
    const { up, gateway } = await upEnvoy(place, file);
    const envoy = await envoyOf(up.child.pid);
    const open = ask(gateway);
    await until('a stream', () => streams.open === 1);
    up.signal('SIGINT');
    await up.until(/waiting for 1 request in flight\. Ctrl-C again ends at once/);
    await until('connections are refused', async () => !(await accepts(gateway)));
    const events = streams.events;
    await until('the stream goes on', () => streams.events > events + 5);
    if (twice) up.signal('SIGINT');
    else streams.finish();
    const endedAtMs = performance.now();
    assert.equal(await up.exited(), 0);
    assert.ok(performance.now() - endedAtMs < 3000);
    const { body } = await open;
    if (twice) assert.equal(body, undefined);
    else assert.match(body ?? '', /\[DONE\]\n\n$/);
    await until('Envoy has ended', () => !isRunning(envoy), 3000);
    await until('the stream has ended', () => streams.open === 0);
  }
});

function accepts(gateway: string): Promise<boolean> {
  const { hostname: host, port } = new URL(`http://${gateway}`);
  return new Promise(resolve => {
    const socket = connect({ host, port: Number(port) }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

test('what Envoy and the gateway say to each other is for their user alone: the picker and the admin interface have no port', async t => {
  const upstream = new CountingUpstream(() => 5);
  t.after(() => upstream.close());
  const temporary = mkdtempSync(join(place.folder, 'temporary-'));
  place.env.TMPDIR = temporary;
  const { up } = await upEnvoy(place, await pool('own', upstream, '127.86.0.9'));
  delete place.env.TMPDIR;
  const [name = ''] = readdirSync(temporary).filter(each => each.startsWith('breakwater-envoy-'));
  const folder = join(temporary, name);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const socket of ['picker', 'admin']) assert.ok(statSync(join(folder, socket)).isSocket(), socket);
  await up.kill();
});
