import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../docs/markdown.ts';
import { freePort } from '../support/free-port.ts';
import { Workplace } from './cli-process.ts';
import { Npx, userEnvironment } from './npx.ts';

const place = new Workplace();
const env = userEnvironment(place);
const folder = mkdtempSync(join(tmpdir(), 'breakwater-pack-'));
let up: Npx | undefined;
after(async () => {
  await up?.kill();
  await place.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(cwd: string, file: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, {
    cwd,
    env,
    timeout: 300_000,
    maxBuffer: 64 * 1024 ** 2,
  });
  return stdout;
}

test('the package works when it is installed into an empty folder elsewhere', async t => {
  const [packed] = JSON.parse(await run(root, 'npm', 'pack', '--json', '--pack-destination', folder));
  const files = (packed.files as { path: string }[]).map(({ path }) => path);
  for (const file of ['bin/breakwater.js', 'dist/cli/main.js', 'README.md', 'LICENSE', 'CHANGELOG.md'])
    assert.ok(files.includes(file), file);
  assert.deepEqual(
    files.filter(path => /^(src|test|bench)\/|\.ts$|[-.](for-)?test\.js$/.test(path)),
    [],
  );

  const empty = join(folder, 'elsewhere');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{"private": true}\n');
  await run(
    empty,
    'npm',
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    join(folder, packed.filename),
  );
  const installed = join(empty, 'node_modules', 'breakwater');
  assert.ok(!existsSync(join(installed, 'src')));
  assert.match(
    await run(empty, 'npx', 'breakwater', 'version'),
    new RegExp(`^breakwater ${packed.version} `),
  );

  const example = join('node_modules', 'breakwater', 'examples', 'circuit-breaking');
  const port = await freePort();
  const args = ['up', '-f', example, '--port-offset', String(port - 80), '--admin-address', '127.0.0.1:0'];
  up = Npx.start(args, empty, env);
  const [, address, request] = await up.until(/terminal:\n\n(export .*)\n\n(curl [\s\S]*?\n\}')\n/);
  assert.match(String(address), /^export GATEWAY_ADDRESS=\$\(npx breakwater get /);
  const answer = JSON.parse(await run(empty, 'bash', '-c', `${address}; ${request}`));
  assert.equal(answer.usage.total_tokens, 115);
  t.diagnostic(`${Math.round(packed.size / 1024)} KB packed`);
});
