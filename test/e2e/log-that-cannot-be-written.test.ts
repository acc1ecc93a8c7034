import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { request } from 'node:http';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import { seed, Workplace } from './cli-process.ts';

const workplace = new Workplace();
after(() => workplace.close());
const bin = new URL('../../bin/breakwater.js', import.meta.url).pathname;

async function upWith(stdout: 'pipe' | number) {
  const port = await freePort();
  const offset = ['--port-offset', String((await freePort()) - 80)];
  const child = spawn(
    process.execPath,
    [bin, 'up', '-f', seed, '--admin-address', `127.0.0.1:${port}`, ...offset, '--verbose'],
    { env: workplace.env, stdio: ['ignore', stdout, 'ignore'] },
  );
  return { child, metrics: () => get(port, '/metrics') };
}

function get(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, path, host: '127.0.0.1' }, answer => {
      let text = '';
      answer.setEncoding('utf8').on('data', part => {
        text += part;
      });
      answer.on('end', () => resolve(text));
    });
    asked.on('error', reject).end();
  });
}

async function untilLost(
  metrics: () => Promise<string>,
  child: { exitCode: number | null },
): Promise<number> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const lost = Number(
      /^breakwater_log_lines_dropped_total (\d+)/m.exec(await metrics().catch(() => ''))?.[1] ?? 0,
    );
    if (lost > 0 || Date.now() > deadline) return lost;
    assert.equal(child.exitCode, null, 'it has ended');
    await delay(50);
  }
}

test('up | head -1: the reader of the log goes, and requests are served on', async () => {
  const { child, metrics } = await upWith('pipe');
  try {
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const deadline = Date.now() + 60_000;
    for (let text = ''; !text.includes('breakwater_workers') && Date.now() < deadline; await delay(50))
      text = await metrics().catch(() => '');
    assert.equal(child.exitCode, null);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0, 'also what it says at its end has no reader');
  } finally {
    child.kill('SIGKILL');
  }
});

test('a log on a full disk is lost and counted; it ends nothing', async () => {
  const full = openSync('/dev/full', 'w');
  const { child, metrics } = await upWith(full);
  closeSync(full);
  try {
    assert.ok((await untilLost(metrics, child)) > 0);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  } finally {
    child.kill('SIGKILL');
  }
});
