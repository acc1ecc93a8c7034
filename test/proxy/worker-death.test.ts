import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { useGateway } from './support/gateway.ts';
import { HeldStreams } from './support/held-streams.ts';
import { plainRoute } from './support/manifests.ts';
import { readResponse } from './support/message.ts';
import { echo } from './support/upstream.ts';
import { eventually } from './support/within.ts';

/** Node tells of every thread that is started: the plane's are ended from outside, as a crash would. */
const workers: Worker[] = [];
process.on('worker', (worker: Worker) => workers.push(worker));

const gateway = useGateway({ workers: 2, workersDie: true });
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

test('a worker that dies gives back what it held; the other goes on, and a new one serves', () => {
  const streams = new HeldStreams();
  return gateway.serve(
    streams.script,
    async ({ connect, upstream, snapshot }) => {
      await streams.begin(40, connect);
      assert.equal((await snapshot()).limits[0]?.active, 40);
      await workers[0]?.terminate();
      await eventually(1000, 'connections of the dead worker to end', () => streams.alive < 40);
      await eventually(1000, 'the counters to be those of the living', async () => {
        const [scope] = (await snapshot()).limits;
        return scope?.active === streams.alive && scope.connections === streams.alive;
      });
      assert.equal(upstream.open.size, streams.alive);
      assert.ok(streams.alive > 0);
      for (const body of await streams.end()) assert.equal(body, 'a');
      await eventually(5000, 'a new worker', () => workers.length === 3);
      assert.ok(gateway.events.some(event => event.includes('died and is started again')));
    },
    plainRoute({ policy: 'circuitBreaker: { maxConnections: 40, maxParallelRequests: 40 }' }),
  );
});

test('the worker that took its place serves', () =>
  gateway.serve(echo, async ({ connect }) => {
    for (let i = 0; i < 40; i++) {
      const client = await connect();
      client.write(GET);
      assert.equal((await readResponse(client)).status, 200);
    }
  }));
