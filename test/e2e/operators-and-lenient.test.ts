import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../envoy-e2e/support/ask.ts';
import { Manifests, running } from '../faults/support/running.ts';
import { Workplace } from './cli-process.ts';
import { CountingUpstream } from './support/counting-upstream.ts';
import { poolManifest } from './support/pool-manifest.ts';

const place = new Workplace();
const upstream = new CountingUpstream(() => 1);
const ADDRESS = '127.86.27.1';
let pool = '';

const CLOSING = JSON.stringify({
  apiVersion: 'gateway.envoyproxy.io/v1alpha1',
  kind: 'SecurityPolicy',
  metadata: { name: 'keys' },
  spec: { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'route' }], cors: {} },
});

before(async () => {
  pool = poolManifest([{ address: ADDRESS, port: await upstream.listen(ADDRESS) }]);
});
after(async () => {
  await place.close();
  await upstream.close();
});

function folder(name: string, ...texts: readonly string[]): string {
  const files = new Manifests(join(place.folder, name));
  files.write('all.yaml', texts.join('\n---\n'));
  return files.path;
}

test('--operators takes its words and no others, each command its own', async () => {
  for (const [command, word, choices] of [
    ['up', 'me', 'this-machine, everybody, nobody'],
    ['controller', 'me', 'this-machine, everybody, nobody'],
    ['picker', 'this-machine', 'everybody, nobody'],
  ] as const) {
    const { code, stderr } = await place.run([command, '--operators', word]);
    assert.equal(code, 1, command);
    assert.ok(stderr.includes(`argument '${word}' is invalid. Allowed choices are ${choices}.`), stderr);
  }
});

for (const [flags, told] of [
  [[], true],
  [['--operators', 'everybody'], true],
  [['--operators', 'nobody'], false],
] as const)
  test(`up ${flags.join(' ')}: a client of this machine ${told ? 'is' : 'is not'} told of decisions`, async () => {
    const { up, gateway } = await running(place, ['-f', folder('operators', pool), ...flags]);
    const { status, headers } = await ask(gateway, { headers: { 'x-breakwater-explain': '1' } });
    assert.equal(status, 200);
    assert.equal(headers['x-breakwater-decision'] !== undefined, told);
    await up.kill();
  });

test('--lenient: what would close a route is a warning to check and to up, and an error without it', async () => {
  const path = folder('lenient', pool, CLOSING);
  const strict = await place.run(['check', '-f', path]);
  assert.equal(strict.code, 1, strict.stdout);
  assert.match(strict.stdout, /error: .*SecurityPolicy/);
  const lenient = await place.run(['check', '-f', path, '--lenient']);
  assert.equal(lenient.code, 0, lenient.stdout);
  assert.match(lenient.stdout, /warning: .*SecurityPolicy/);

  for (const [flags, status] of [
    [[], 500],
    [['--lenient'], 200],
  ] as const) {
    const { up, gateway } = await running(place, ['-f', path, ...flags]);
    assert.equal((await ask(gateway)).status, status);
    await up.kill();
  }
});
