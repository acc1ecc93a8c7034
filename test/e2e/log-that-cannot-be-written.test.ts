import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { request } from 'node:http';
import { after, test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
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
  return until('lines of the log are lost', async () => {
    assert.equal(child.exitCode, null, 'it has ended');
    const text = await metrics().catch(() => '');
    const lost = Number(/^breakwater_log_lines_dropped_total (\d+)/m.exec(text)?.[1] ?? 0);
    return lost > 0 ? lost : undefined;
  });
}

test('up | head -1: the reader of the log goes, and requests are served on', async () => {
  const { child, metrics } = await upWith('pipe');
  try {
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    await until('its figures are served', async () => {
      assert.equal(child.exitCode, null, 'it has ended');
      return (await metrics().catch(() => '')).includes('breakwater_workers');
    });
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
