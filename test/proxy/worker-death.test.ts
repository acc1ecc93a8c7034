import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { useGateway } from './support/gateway.ts';
import { plainRoute } from './support/manifests.ts';
import { readBody, readHead, readResponse } from './support/message.ts';
import { echo } from './support/upstream.ts';
import type { Wire } from './support/wire.ts';
import { eventually } from './support/within.ts';

/** Node tells of every thread that is started: the plane's are ended from outside, as a crash would. */
const workers: Worker[] = [];
process.on('worker', (worker: Worker) => workers.push(worker));

const gateway = useGateway({ workers: 2, workersDie: true });
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

test('a worker that dies gives back what it held; the other goes on, and a new one serves', () => {
  const end = Promise.withResolvers<void>();
  return gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
      await end.promise;
      wire.write('0\r\n\r\n');
    },
    async ({ connect, upstream, snapshot }) => {
      const heads = new Map<Wire, Awaited<ReturnType<typeof readHead>>>();
      for (let i = 0; i < 40; i++) {
        const client = await connect();
        client.write(GET);
        heads.set(client, await readHead(client));
      }
      assert.equal((await snapshot()).limits[0]?.active, 40);
      await workers[0]?.terminate();
      await eventually(1000, 'connections of the dead worker to end', () =>
        [...heads.keys()].some(client => client.ended),
      );
      const alive = () => [...heads.keys()].filter(client => !client.ended);
      await eventually(1000, 'the counters to be those of the living', async () => {
        const [scope] = (await snapshot()).limits;
        return scope?.active === alive().length && scope.connections === alive().length;
      });
      assert.equal(upstream.open.size, alive().length);
      assert.ok(alive().length > 0);
      end.resolve();
      for (const client of alive()) {
        const head = heads.get(client);
        assert.ok(head !== undefined);
        assert.equal((await readBody(client, head)).body, 'a');
      }
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
