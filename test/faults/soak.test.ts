import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { CountingUpstream } from '../e2e/support/counting-upstream.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { eventually } from '../proxy/support/within.ts';
import { peerTakes } from '../support/peer-takes.ts';
import { assertAtRest } from './support/at-rest.ts';
import { Manifests, running } from './support/running.ts';

/** A look at whether anything grows; 300 shows what only minutes show. */
const SECONDS = Number(process.env['BREAKWATER_SOAK_SECONDS'] ?? 6);
const CLIENTS = 12;
/** Memory is judged where there was time for the heap to find its size. */
const JUDGE_MEMORY_FROM_SECONDS = 120;
const ALLOWED_GROWTH = 1.1;

const place = new Workplace();
// With room to spare V8 lets a heap grow before it looks for garbage: what stays is seen in a small one.
place.env['NODE_OPTIONS'] = '--max-old-space-size=96 --max-semi-space-size=1';
after(() => place.close());

function memoryMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

test('requests of every size, clients that leave, edits: neither memory nor open files grow', async t => {
  const upstream = new CountingUpstream(() => Math.random() * 40);
  const port = await upstream.listen('127.85.0.1');
  const second = new CountingUpstream(() => Math.random() * 40);
  await second.listen('127.85.0.2', port);
  const files = new Manifests(join(place.folder, 'soak'));
  const manifest = (limit: number) =>
    poolManifest(
      [
        { address: '127.85.0.1', port },
        { address: '127.85.0.2', port },
      ],
      { maxParallelRequests: limit },
    );
  files.write('pool.yaml', manifest(8));
  const { up, gateway, admin } = await running(place, ['-f', files.path, '--workers', '2']);
  const pid = up.child.pid as number;
  const filesAtStart = openFiles(pid);
  const until = performance.now() + SECONDS * 1000;
  const memory: number[] = [];
  const tally: Record<string, number> = {};
  const count = (outcome: string) => {
    tally[outcome] = (tally[outcome] ?? 0) + 1;
  };
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (performance.now() < until) {
      count(await ask(gateway, agent));
      await peerTakes(Math.random() * 60);
    }
    agent.destroy();
  });
  let edits = 0;
  while (performance.now() < until) {
    await peerTakes(1000);
    files.write('pool.yaml', manifest(8 + (++edits % 3)));
    memory.push(memoryMegabytes(pid));
  }
  await Promise.all(clients);
  await assertAtRest(admin);
  t.diagnostic(`${JSON.stringify(tally)}; MB: ${memory.map(Math.round).join(' ')}`);
  if (process.env['BREAKWATER_SOAK_LOG'] !== undefined)
    writeFileSync(
      process.env['BREAKWATER_SOAK_LOG'],
      JSON.stringify({ tally, memory, filesAtStart, filesAtEnd: openFiles(pid) }),
    );
  assert.deepEqual(
    Object.keys(tally).filter(outcome => !['200', '503', 'left'].includes(outcome)),
    [],
  );
  // Idle connections to the two model servers, and the scraper's, stay.
  await eventually(
    5000,
    `few open files: ${filesAtStart} at the start`,
    () => openFiles(pid) <= filesAtStart + 30,
  );
  if (SECONDS >= JUDGE_MEMORY_FROM_SECONDS) {
    const mean = (part: number[]) => part.reduce((sum, mb) => sum + mb, 0) / part.length;
    const third = Math.floor(memory.length / 3);
    const [middle, last] = [mean(memory.slice(third, 2 * third)), mean(memory.slice(-third))];
    assert.ok(last < middle * ALLOWED_GROWTH, `${middle.toFixed(0)} MB, then ${last.toFixed(0)} MB`);
  }
  up.signal('SIGTERM');
  assert.equal(await up.exited(), 0);
  await upstream.close();
  await second.close();
});

/** A request of some size, or one that is given up on the way. */
function ask(gateway: string, agent: Agent): Promise<string> {
  const leaveAfterMs = Math.random() < 0.3 ? Math.random() * 30 : undefined;
  const content = 'x'.repeat(Math.random() < 0.05 ? 1_000_000 : Math.random() * 4000);
  return new Promise(resolve => {
    const asked = request(`http://${gateway}/v1/chat/completions`, { method: 'POST', agent }, response => {
      response.resume();
      response.on('error', () => resolve('left'));
      response.on('end', () => resolve(String(response.statusCode)));
    });
    if (leaveAfterMs !== undefined) {
      const timer = setTimeout(() => asked.destroy(), leaveAfterMs);
      asked.on('close', () => clearTimeout(timer));
    }
    asked.on('error', error => resolve(leaveAfterMs === undefined ? error.message : 'left'));
    asked.end(JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }));
  });
}
