import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { peerTakes } from '../support/peer-takes.ts';
import { until } from '../support/until.ts';
import { Workplace } from './cli-process.ts';
import { CountingUpstream } from './support/counting-upstream.ts';
import { poolManifest } from './support/pool-manifest.ts';

const CLIENTS = 200;
const LIMIT = 3;
const SECONDS = Number(process.env['BREAKWATER_STRESS_SECONDS'] ?? 30);
const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] });

const place = new Workplace();
after(() => place.close());

interface Tally {
  ok: number;
  overflow: number;
  aborted: number;
  other: string[];
}

test(`${CLIENTS} clients that leave at random against maxParallelRequests ${LIMIT} over 4 workers: never one more, and zero at rest`, async () => {
  const upstream = new CountingUpstream(() => 1 + Math.random() * 20);
  const address = '127.83.0.1';
  const port = await upstream.listen(address);
  const file = join(place.folder, 'pool.yaml');
  writeFileSync(file, poolManifest([{ address, port }], { maxParallelRequests: LIMIT }));
  const up = await place.up(['-f', file, '--workers', '4', '--simulate', 'never']);
  const [, gateway = ''] = await up.until(/on http:\/\/(\S+)/);
  const [, admin = ''] = await up.until(/Admin API\s+(\S+)/);

  const tally: Tally = { ok: 0, overflow: 0, aborted: 0, other: [] };
  const endMs = Date.now() + SECONDS * 1000;
  await Promise.all(Array.from({ length: CLIENTS }, () => client(gateway, endMs, tally)));

  assert.deepEqual(tally.other, []);
  assert.ok(upstream.most === LIMIT, `the model server worked on ${upstream.most} at once`);
  assert.ok(tally.ok > 100 && tally.overflow > 100 && tally.aborted > 100, JSON.stringify(tally));
  // Clients that left have a second to be noticed.
  let inUse: string[] = [];
  await until(
    () => `nothing is in use: ${inUse.join(', ')}`,
    async () => {
      inUse = await countersInUse(admin);
      return inUse.length === 0;
    },
    1000,
  );
  assert.equal(upstream.now, 0);
  await upstream.close();
});

/** One request after the other, some of them given up on the way, until the time is over. */
async function client(gateway: string, endMs: number, tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (Date.now() < endMs) {
    const leaveAfterMs = Math.random() < 0.3 ? Math.random() * 15 : undefined;
    const outcome = await ask(gateway, agent, leaveAfterMs);
    if (outcome === 'ok' || outcome === 'overflow' || outcome === 'aborted') tally[outcome]++;
    else tally.other.push(outcome);
    // Whoever was refused comes back after a while, as clients do.
    await peerTakes(outcome === 'overflow' ? 5 + Math.random() * 40 : 0);
  }
  agent.destroy();
}

function ask(gateway: string, agent: Agent, leaveAfterMs: number | undefined): Promise<string> {
  return new Promise(resolve => {
    const asked = request(`http://${gateway}/v1/chat/completions`, { method: 'POST', agent }, response => {
      let text = '';
      response.setEncoding('latin1').on('data', (part: string) => {
        text += part;
      });
      response.on('error', () => resolve('aborted'));
      response.on('end', () => {
        if (response.statusCode === 200) resolve('ok');
        else if (text.endsWith('reset reason: overflow')) resolve('overflow');
        else resolve(`${response.statusCode} ${text}`);
      });
    });
    if (leaveAfterMs !== undefined) {
      const timer = setTimeout(() => asked.destroy(), leaveAfterMs);
      asked.on('close', () => clearTimeout(timer));
    }
    asked.on('error', () =>
      resolve(leaveAfterMs === undefined ? (asked.destroyed ? 'destroyed' : 'error') : 'aborted'),
    );
    asked.end(BODY);
  });
}

/** Limits that are not at zero; open connections at rest are idle ones, which count in maxConnections. */
async function countersInUse(admin: string): Promise<string[]> {
  const limits = (await (await fetch(`${admin}/v1/limits`)).json()) as {
    limits: { name: string; inUse: number }[];
  }[];
  const endpoints = (await (await fetch(`${admin}/v1/endpoints`)).json()) as {
    id: string;
    inFlight: number;
  }[];
  return [
    ...limits
      .flatMap(scope => scope.limits)
      .filter(limit => limit.name !== 'maxConnections' && limit.inUse !== 0)
      .map(limit => `${limit.name} ${limit.inUse}`),
    ...endpoints.filter(e => e.inFlight !== 0).map(e => `${e.id} in flight ${e.inFlight}`),
  ];
}
