import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { eventually } from '../proxy/support/within.ts';
import { assertAtRest, endpointsOf } from './support/at-rest.ts';
import { ask } from './support/load.ts';
import { type Running, running } from './support/running.ts';
import { StreamingServer } from './support/streaming-server.ts';

const HOUR_MS = 3_600_000;
const place = new Workplace();
const clock = join(place.folder, 'clock');
place.env['BREAKWATER_TEST_CLOCK'] = clock;
place.env['NODE_OPTIONS'] = `--import ${new URL('./support/set-clock.ts', import.meta.url)}`;

const streams = new StreamingServer();
let status = 500;
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(request.url === '/metrics' ? 404 : status).end('answer');
});
let failing: Running;
let streaming: Running;

before(async () => {
  setClock(0);
  await new Promise<void>(resolve => server.listen(0, '127.88.1.1', resolve));
  const { port } = server.address() as { port: number };
  const policy = { panicThreshold: 0, passive: { consecutive5XxErrors: 5, baseEjectionTime: '300ms' } };
  const file = join(place.folder, 'failing.yaml');
  const manifest = poolManifest([{ address: '127.88.1.1', port }]);
  writeFileSync(file, manifest.replace('"circuitBreaker":{}', `"healthCheck":${JSON.stringify(policy)}`));
  failing = await running(place, ['-f', file, '--workers', '2']);
  const streamFile = join(place.folder, 'streaming.yaml');
  writeFileSync(
    streamFile,
    poolManifest([{ address: '127.88.1.2', port: await streams.listen('127.88.1.2') }]),
  );
  streaming = await running(place, ['-f', streamFile, '--workers', '2']);
});

after(async () => {
  await place.close();
  await streams.close();
  server.closeAllConnections();
  server.close();
});

function setClock(offsetMs: number): void {
  writeFileSync(`${clock}.new`, String(offsetMs));
  renameSync(`${clock}.new`, clock);
}

/** Until every thread has the clock that was set: the worker that answers writes it in its answer. */
async function clockIs({ gateway }: Running, offsetMs: number): Promise<void> {
  await eventually(5000, `a clock that is off by ${offsetMs} ms`, async () => {
    // A path that the gateway refuses by itself.
    const response = await fetch(`http://${gateway}/%00`);
    assert.equal(response.status, 400);
    const off = Date.parse(response.headers.get('date') ?? '') - Date.now();
    return Math.abs(off - offsetMs) < 60_000;
  });
}

for (const offsetMs of [-HOUR_MS, HOUR_MS]) {
  test(`the clock jumps by ${offsetMs / HOUR_MS} h while a breaker is open: it closes after its own time`, async () => {
    setClock(0);
    status = 500;
    await eventually(5000, 'an open breaker', async () => {
      await ask(failing.gateway);
      return (await endpointsOf(failing.admin))[0]?.state === 'open';
    });
    setClock(offsetMs);
    await clockIs(failing, offsetMs);
    status = 200;
    await eventually(3000, 'an answer again', async () => (await ask(failing.gateway)).status === 200);
    await assertAtRest(failing.admin);
  });
}

test('cooling ends after its own time', async () => {
  setClock(HOUR_MS);
  await clockIs(failing, HOUR_MS);
  status = 429;
  assert.equal((await ask(failing.gateway)).status, 429);
  assert.equal((await endpointsOf(failing.admin))[0]?.state, 'cooling');
  setClock(0);
  status = 200;
  await eventually(
    3000,
    'an endpoint that is available',
    async () => (await endpointsOf(failing.admin))[0]?.state === 'available',
  );
});

test('a stream in flight is not taken for one that stalls', async () => {
  setClock(0);
  const stream = ask(streaming.gateway);
  await eventually(5000, 'a stream', () => streams.open === 1);
  setClock(5 * HOUR_MS);
  const { events } = streams;
  // Some looks at what stalls, one a second, are in this.
  await eventually(10_000, 'more of the stream', () => streams.open === 0 || streams.events >= events + 250);
  assert.equal(streams.open, 1);
  streams.finish();
  assert.match((await stream).body, /data: \[DONE\]\n\n$/);
  await assertAtRest(streaming.admin);
});
