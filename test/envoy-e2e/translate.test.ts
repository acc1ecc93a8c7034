import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { seed, Workplace } from '../e2e/cli-process.ts';
import { validate } from '../envoy/support/validate.ts';
import { secret } from '../proxy/support/certificates.ts';

const place = new Workplace();
after(() => place.close());

const HTTPS = `apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: breakwater }
spec: { controllerName: breakwater.dev/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gateway }
spec:
  gatewayClassName: breakwater
  listeners:
    - { name: https, port: 443, protocol: HTTPS, tls: { certificateRefs: [{ name: certificate }] } }
`;

test('the example as an Envoy configuration that Envoy takes, as YAML and as JSON', async () => {
  const yaml = await place.run(['translate', '-f', seed, '--to', 'envoy']);
  assert.deepEqual([yaml.code, yaml.stderr], [0, '']);
  const more = ['--address', '127.0.0.1', '--port-offset', '8000', '--picker', '[::1]:9999', '-o', 'json'];
  const json = await place.run(['translate', '-f', seed, '--to', 'envoy', ...more]);
  for (const text of [yaml.stdout, json.stdout]) await validate(parse(text));
  const { listeners, clusters } = JSON.parse(json.stdout).staticResources;
  assert.deepEqual(listeners[0].address, { socketAddress: { address: '127.0.0.1', portValue: 8080 } });
  const text = JSON.stringify(clusters.find(({ name }: { name: string }) => name === 'breakwater-picker'));
  assert.match(text, /"address":"::1","portValue":9999/);
});

test('certificates of Secrets are part of it', async () => {
  const file = join(place.folder, 'https.yaml');
  writeFileSync(file, `${HTTPS}---\n${secret('certificate', 'a.example')}`);
  const { code, stdout, stderr } = await place.run(['translate', '-f', file, '--to', 'envoy']);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /BEGIN CERTIFICATE[\s\S]*BEGIN (EC )?PRIVATE KEY/);
  await validate(parse(stdout));
});

test('an address that is none is an error of usage', async () => {
  for (const option of ['--picker', '--envoy-admin', '--address']) {
    const { code, stderr } = await place.run(['translate', '-f', seed, '--to', 'envoy', option, 'picker']);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`${option}: expected .*, got "picker" \\[BW_USAGE\\]`));
  }
});

test('a plan is printed without private keys', async () => {
  const file = join(place.folder, 'https-plan.yaml');
  writeFileSync(file, `${HTTPS}---\n${secret('certificate', 'a.example')}`);
  const { stdout } = await place.run(['translate', '-f', file]);
  assert.match(stdout, /-----BEGIN CERTIFICATE-----/);
  assert.match(stdout, /\(a private key\)/);
  assert.doesNotMatch(stdout, /PRIVATE KEY-----/);
});
