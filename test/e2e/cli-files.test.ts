import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seed, Workplace } from './cli-process.ts';
import { inFlight } from './support/in-flight.ts';

const PROXIED = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: c }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: g, namespace: default }
spec:
  gatewayClassName: c
  infrastructure: { parametersRef: { group: gateway.envoyproxy.io, kind: EnvoyProxy, name: it } }
  listeners: [{ name: web, protocol: HTTP, port: 8080 }]
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyProxy
metadata: { name: it, namespace: default }
`;

const place = new Workplace();
after(() => place.close());

test('without a running `up`, one clear line says how to start it', async () => {
  const { code, stdout, stderr } = await place.run(['get', 'pods']);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /no running Breakwater was found.*\[BW_NO_SERVER\]\n.*breakwater up -f DIR/);
});

test('check accepts the seed and names the place of what is wrong', async () => {
  const fine = await place.run(['check', '-f', seed]);
  assert.equal(fine.code, 0, fine.stdout + fine.stderr);
  assert.match(fine.stdout, /0 errors/);
  const folder = join(place.folder, 'broken');
  cpSync(seed, folder, { recursive: true });
  const route = join(folder, 'gateway.yaml');
  writeFileSync(
    route,
    readFileSync(route, 'utf8')
      .replace('name: vllm-llama2-7b-pool', 'name: nowhere')
      .replace('maxParallelRequests: 1', 'maxParallelRequests: x'),
  );
  const broken = await place.run(['check', '-f', folder]);
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /broken\/gateway\.yaml:66:\d+: error: .*nowhere/);
  assert.match(broken.stdout, /broken\/gateway\.yaml:80:\d+: error: .*maxParallelRequests/);
  const data = JSON.parse((await place.run(['check', '-f', folder, '-o', 'json'])).stdout);
  assert.ok(data.errors >= 2);
});

test('check names what of an EnvoyProxy would end the Envoys of a cluster', async () => {
  const folder = join(place.folder, 'proxied');
  mkdirSync(folder);
  const checked = async (spec: string) => {
    writeFileSync(join(folder, 'all.yaml'), `${PROXIED}spec: ${spec}\n`);
    return await place.run(['check', '-f', folder]);
  };
  const fine = await checked('{ extraArgs: [--disable-hot-restart] }');
  assert.equal(fine.code, 0, fine.stdout);
  const broken = await checked('{ extraArgs: [--config-path, /x] }');
  assert.equal(broken.code, 1);
  assert.match(
    broken.stdout,
    /error: Gateway default\/g: .*extraArgs\[0\]: --config-path cannot be set: Breakwater sets it itself/,
  );
  const ofHost = await checked('{ provider: { type: Host, host: {} } }');
  assert.equal(ofHost.code, 0, ofHost.stdout);
});

test('a path that is not there', async () => {
  for (const command of ['up', 'check', 'translate']) {
    const { code, stderr } = await place.run([command, '-f', 'nowhere']);
    assert.equal(code, 1);
    assert.match(stderr, /the path "nowhere" does not exist/);
  }
});

test('edits are applied, a broken one is reported, and the last good state goes on', async () => {
  const folder = join(place.folder, 'edited');
  cpSync(seed, folder, { recursive: true });
  const file = join(folder, 'gateway.yaml');
  const text = readFileSync(file, 'utf8');
  const up = await place.up(['-f', folder]);
  const limit = async () => /maxParallelRequests +\d+ +(\d+)/.exec((await place.run(['limits'])).stdout)?.[1];
  assert.equal(await limit(), '1');
  writeFileSync(file, text.replace('maxParallelRequests: 1', 'maxParallelRequests: 5'));
  await up.until(/applied: BackendTrafficPolicy default\/circuitbreaker-for-route changed/);
  assert.equal(await limit(), '5');
  writeFileSync(file, text.replace('maxParallelRequests: 1', 'maxParallelRequests: ]'));
  await up.until(/edited\/gateway\.yaml:80:\d+: error: /);
  assert.equal(await limit(), '5');
  const { stdout } = await place.run([
    'get',
    'gateway',
    '-o',
    "jsonpath={.items[*].status.conditions[?(@.type=='Programmed')].status}",
  ]);
  assert.equal(stdout, 'True');
  await up.kill();
});

test('Ctrl-C waits for requests in flight; a second one does not', async () => {
  for (const times of [1, 2]) {
    const up = await place.up(['-f', seed]);
    const answer = place.shell(
      `curl -s -m 20 $(breakwater get gateway/example-gateway -o jsonpath='{.status.addresses[0].value}')/v1/completions -H 'host: example.com' -H 'content-type: application/json' -d '{"model": "/model/llama2", "prompt": "hello", "max_tokens": 150}'`,
    );
    await inFlight(up);
    up.signal('SIGINT');
    await up.until(/waiting for 1 request in flight/);
    if (times === 2) up.signal('SIGINT');
    assert.equal(await up.exited(), 0);
    const { code } = await answer;
    assert.equal(code === 0, times === 1);
  }
});
