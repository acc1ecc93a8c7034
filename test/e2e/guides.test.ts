import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fences, page, root } from '../docs/markdown.ts';
import { envoyPath } from '../support/envoy.ts';
import { Workplace } from './cli-process.ts';
import { follow } from './guide.ts';

const place = new Workplace();
after(() => place.close());

test('circuit-breaking.md', () => follow(page('docs/guides/circuit-breaking.md'), { port: 80 }));

test('your-own-servers.md', async () => {
  // Loopback addresses that nobody else has: the servers keep the port that the guide gives them.
  const net = `127.${128 + (process.pid % 100)}.${Math.floor(process.pid / 100) % 256}`;
  for (const host of [10, 11]) {
    const command = ['vllm', 'serve', 'meta-llama/Llama-2-7b', '--served-model-name', 'llama'];
    const { output } = place.start([
      'simulate',
      '--address',
      `${net}.${host}`,
      '--port',
      '8000',
      '--',
      ...command,
    ]);
    await output.until(/simulating .*:8000/);
  }
  await follow(page('docs/guides/your-own-servers.md'), { port: 8080, replace: { '192.0.2': net } });
});

test('envoy.md', async () => {
  process.env['ENVOY'] ??= await envoyPath();
  await follow(page('docs/guides/envoy.md'), { port: 80 });
});

test('every guide has its test, and every example is run by one', () => {
  assert.deepEqual(readdirSync(join(root, 'docs', 'guides')).sort(), [
    'circuit-breaking.md',
    'envoy.md',
    // By test/cluster/guide.test.ts.
    'kubernetes.md',
    // Nothing to run in it.
    'security.md',
    'your-own-servers.md',
  ]);
  const run = ['README.md', 'docs/guides/circuit-breaking.md', 'docs/guides/your-own-servers.md']
    .flatMap(path => fences(page(path)))
    .filter(({ info }) => info === 'sh')
    .map(({ text }) => text)
    .join('\n');
  for (const example of readdirSync(join(root, 'examples')))
    assert.ok(run.includes(`up -f examples/${example}`), example);
});
