import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { eventually } from '../proxy/support/within.ts';
import { assertAtRest } from './support/at-rest.ts';
import { ask } from './support/load.ts';
import { Manifests, running } from './support/running.ts';

const place = new Workplace();
after(() => place.close());

test('clients take every file descriptor: what was served goes on, and an edit is taken once there are some again', async t => {
  const upstream = new CountingUpstream(() => 1);
  t.after(() => upstream.close());
  const port = await upstream.listen('127.92.0.1');
  const files = new Manifests(join(place.folder, 'few'));
  const manifest = (limit: number) =>
    poolManifest([{ address: '127.92.0.1', port }], { maxParallelRequests: limit });
  files.write('pool.yaml', manifest(10));
  const { up, gateway, admin } = await running(place, ['-f', files.path, '--workers', '2']);
  assert.equal((await ask(gateway)).status, 200);

  const pid = String(up.child.pid);
  const open = () => readdirSync(`/proc/${pid}/fd`).length;
  const most = open() + 20;
  execFileSync('prlimit', ['--pid', pid, `--nofile=${most}:${most}`]);
  const [host = '', gatewayPort] = gateway.split(':');
  const client = () => connect(Number(gatewayPort), host).on('error', () => {});
  const clients = Array.from({ length: 60 }, client);
  await eventually(60_000, 'no file descriptor left', () => open() >= most - 1);
  // The last one may be free for the moment that an edit takes: another client, and another edit.
  let limit = 10;
  do {
    clients.push(client());
    files.write('pool.yaml', manifest(++limit));
    await up.until(new RegExp(`cannot be read|(applied[^]*){${limit - 10}}`));
    assert.ok(limit < 40, up.output);
  } while (!/cannot be read/.test(up.output));
  assert.doesNotMatch(up.output, /deleted/);

  for (const each of clients) each.destroy();
  await Promise.all(clients.map(each => each.closed || once(each, 'close')));
  await eventually(60_000, 'the edit', async () => {
    const limits = await fetch(`${admin}/v1/limits`).then(
      response => response.text(),
      () => '',
    );
    return limits.includes(`"limit":${limit}`);
  });
  assert.equal((await ask(gateway)).status, 200);
  assert.doesNotMatch(up.output, /deleted|died/);
  await assertAtRest(admin);
  await up.kill();
});
