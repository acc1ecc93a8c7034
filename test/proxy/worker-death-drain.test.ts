import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { useGateway } from './support/gateway.ts';
import { HeldStreams } from './support/held-streams.ts';
import { plainRoute } from './support/manifests.ts';
import { eventually, within } from './support/within.ts';

const workers: Worker[] = [];
process.on('worker', (worker: Worker) => workers.push(worker));

const gateway = useGateway({ workers: 2, workersDie: true });
const CLIENTS = 40;

test('a worker that dies while the plane drains gives back what it held, and none takes its place', () => {
  const streams = new HeldStreams();
  return gateway.serve(
    streams.script,
    async ({ connect, snapshot }) => {
      await streams.begin(CLIENTS, connect);
      const drained = gateway.drain(10_000);
      await workers[0]?.terminate();
      await eventually(5000, 'what the dead one held to be given back', async () => {
        const [scope] = (await snapshot()).limits;
        return streams.alive < CLIENTS && scope?.active === streams.alive;
      });
      assert.ok(streams.alive > 0);
      for (const body of await streams.end()) assert.equal(body, 'a');
      await within(5000, 'the drain', drained);
      assert.equal(workers.length, 2);
      await assert.rejects(connect(), { code: 'ECONNREFUSED' });
      assert.ok(gateway.events.some(event => event.includes('worker 1 died; its requests are lost')));
    },
    plainRoute({ policy: `circuitBreaker: { maxConnections: ${CLIENTS}, maxParallelRequests: ${CLIENTS} }` }),
  );
});
