import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { root } from '../docs/markdown.ts';
import { freePort } from '../support/free-port.ts';
import { seed, type Up, Workplace } from './cli-process.ts';
import { Npx, userEnvironment } from './npx.ts';
import { inFlight } from './support/in-flight.ts';

// As a user has it, from `npx breakwater up` on.
const place = new Workplace();
const env = { ...userEnvironment(place), HOME: place.folder };
const started: Npx[] = [];
after(async () => {
  for (const npx of started) await npx.kill();
  await place.close();
});

async function npxUp(...args: string[]): Promise<Npx> {
  const offset = ['--port-offset', String((await freePort()) - 80)];
  const npx = Npx.start(['up', ...args, ...offset, '--admin-address', '127.0.0.1:0'], root, env);
  started.push(npx);
  return npx;
}

function bash(line: string): Promise<{ readonly code: number; readonly stdout: string }> {
  return new Promise(resolve => {
    execFile('bash', ['-c', line], { cwd: root, env, timeout: 60_000 }, (error, stdout) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout }),
    );
  });
}

/** The commands that `up` prints to try next. */
async function printed(up: Up): Promise<{ readonly address: string; readonly request: string }> {
  const [, address = '', request = ''] = await up.until(/terminal:\n\n(export .*)\n\n(curl [\s\S]*?\n\}')\n/);
  return { address, request };
}

/** It takes 2 s by itself; this machine may do much else. */
const READY_MS = 8000;
const OVERFLOW = 'upstream connect error or disconnect/reset before headers. reset reason: overflow';

test('the two commands that `up` prints get the two answers of the page, and Ctrl-C waits for the last', async (t: TestContext) => {
  // The best of three.
  let readyMs = Number.POSITIVE_INFINITY;
  let up = await npxUp('-f', seed);
  for (let attempt = 1; ; attempt++) {
    await up.until(/Ctrl-C ends it\./);
    readyMs = Math.min(readyMs, performance.now() - up.startedAtMs);
    if (readyMs < READY_MS || attempt === 3) break;
    await up.kill();
    up = await npxUp('-f', seed);
  }
  t.diagnostic(`ready after ${Math.round(readyMs)} ms`);
  assert.ok(readyMs < READY_MS, `ready after ${readyMs} ms`);

  const { address, request } = await printed(up);
  const export_ = `export GATEWAY_ADDRESS=${(await bash(`${address}; echo -n $GATEWAY_ADDRESS`)).stdout}`;
  const first = bash(`${export_}; ${request}`);
  await inFlight(up);
  const second = await bash(`${export_}; ${request} -s -w '\\n%{http_code} %{size_download} %{time_total}'`);
  const [body, facts = ''] = second.stdout.split('\n');
  assert.equal(body, OVERFLOW);
  const [status, sizeBytes, seconds = 0] = facts.split(' ').map(Number);
  assert.deepEqual([status, sizeBytes], [503, 81]);
  t.diagnostic(`overflow answered after ${(seconds * 1000).toFixed(1)} ms`);
  await first;
  const third = bash(`${export_}; ${request}`);
  await inFlight(up);
  up.signal('SIGINT');
  await up.until(/waiting for 1 request in flight/);
  for (const { stdout } of [await first, await third]) {
    const { usage, choices } = JSON.parse(stdout);
    assert.deepEqual([usage.prompt_tokens, usage.completion_tokens, usage.total_tokens], [15, 100, 115]);
    assert.equal(choices[0].finish_reason, 'length');
  }
  // npm ends by the signal that it got, after what it ran.
  await up.exited();
});

for (const [signals, answered] of [
  [['SIGINT', 'SIGINT'], false],
  [['SIGTERM'], true],
  [['SIGTERM', 'SIGTERM'], false],
] as const)
  test(`${signals.join(', then ')} with a request in flight`, async () => {
    const up = await place.up(['-f', seed]);
    const { address, request } = await printed(up);
    const answer = bash(`${address}; ${request.replace(': 100', answered ? ': 150' : ': 2000')}`);
    await inFlight(up);
    for (const signal of signals) {
      up.signal(signal);
      await up.until(/waiting for 1 request in flight/);
    }
    assert.equal(await up.exited(), 0);
    assert.equal((await answer).code === 0, answered);
  });

test('a port that is taken moves by 10000, and says so; the printed commands are right', async t => {
  const other = createServer();
  t.after(() => other.close());
  let port = 0;
  // Its neighbour 10000 ports further must exist.
  while (port === 0 || port > 55_000) port = await freePort();
  other.listen(port, '127.0.0.1');
  await once(other, 'listening');
  const up = start('-f', manifestsOn(port));
  await up.until(new RegExp(`port ${port} on .* is taken .* 127\\.0\\.0\\.1:${port + 10_000} instead`));
  const { address, request } = await printed(up);
  assert.match((await bash(`${address}; ${request}`)).stdout, /"total_tokens":115/);
  await up.kill();
});

test('--address and --port-offset choose where it listens', async () => {
  const port = await freePort();
  const up = start('-f', manifestsOn(port - 1000), '--address', '127.0.0.7', '--port-offset', '1000');
  const { address, request } = await printed(up);
  assert.equal((await bash(`${address}; echo $GATEWAY_ADDRESS`)).stdout, `127.0.0.7:${port}\n`);
  assert.match((await bash(`${address}; ${request}`)).stdout, /"total_tokens":115/);
  await up.kill();
});

function start(...args: string[]): Up {
  return place.start(['up', ...args, '--admin-address', '127.0.0.1:0']).output;
}

/** The example with its listener on another port. */
function manifestsOn(port: number): string {
  const text = ['gateway.yaml', 'inference_app.yaml', 'inference_rules.yaml']
    .map(name => readFileSync(join(seed, name), 'utf8'))
    .join('\n---\n');
  const file = join(place.folder, `on-${port}.yaml`);
  writeFileSync(file, text.replace('port: 80\n', `port: ${port}\n`));
  return file;
}
