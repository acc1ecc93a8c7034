import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { useGateway } from './support/gateway.ts';
import { plainRoute } from './support/manifests.ts';
import { readBody, readHead } from './support/message.ts';
import type { Wire } from './support/wire.ts';
import { eventually, within } from './support/within.ts';

const workers: Worker[] = [];
process.on('worker', (worker: Worker) => workers.push(worker));

const gateway = useGateway({ workers: 2, workersDie: true });
const CLIENTS = 40;

test('a worker that dies while the plane drains gives back what it held, and none takes its place', () => {
  const end = Promise.withResolvers<void>();
  return gateway.serve(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
      await end.promise;
      wire.write('0\r\n\r\n');
    },
    async ({ connect, snapshot }) => {
      const heads = new Map<Wire, Awaited<ReturnType<typeof readHead>>>();
      for (let i = 0; i < CLIENTS; i++) {
        const client = await connect();
        client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
        heads.set(client, await readHead(client));
      }
      const drained = gateway.drain(10_000);
      await workers[0]?.terminate();
      const alive = () => [...heads.keys()].filter(client => !client.ended);
      await eventually(5000, 'what the dead one held to be given back', async () => {
        const [scope] = (await snapshot()).limits;
        return alive().length < CLIENTS && scope?.active === alive().length;
      });
      assert.ok(alive().length > 0);
      end.resolve();
      for (const client of alive()) {
        const head = heads.get(client);
        assert.ok(head !== undefined);
        assert.equal((await readBody(client, head)).body, 'a');
      }
      await within(5000, 'the drain', drained);
      assert.equal(workers.length, 2);
      await assert.rejects(connect(), { code: 'ECONNREFUSED' });
      assert.ok(gateway.events.some(event => event.includes('worker 1 died; its requests are lost')));
    },
    plainRoute({ policy: `circuitBreaker: { maxConnections: ${CLIENTS}, maxParallelRequests: ${CLIENTS} }` }),
  );
});
