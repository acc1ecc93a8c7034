import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../proxy/support/gateway.ts';
import { poolRoute } from '../proxy/support/manifests.ts';
import { readResponse } from '../proxy/support/message.ts';
import { answer, type Script } from '../proxy/support/upstream.ts';

/** Clients, the plane and its workers are one process: their bodies count here too. */
const MB = 1_000_000;
const gateway = useGateway({ workers: 2, heldBodyBytes: 256 * MB });
const rss = () => process.memoryUsage.rss();

const head = (length: number) =>
  `POST /v1/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
const NAME = Buffer.alloc(2 * MB, 'n');

/** @param i makes each name another one */
function named(i: number): readonly (string | Buffer)[] {
  const begin = `{"model":"${i}-`;
  const end = '","prompt":"a"}';
  return [head(begin.length + NAME.length + end.length) + begin, NAME, end];
}

const ok: Script = async request => {
  const { body } = await request.body();
  request.wire.write(answer(String(body.length)));
};

test('300 model names of two megabytes each are not kept', () =>
  gateway.serve(
    ok,
    async ({ connect }) => {
      const one = async (i: number) => {
        const client = await connect();
        for (const piece of named(i)) await client.writeAll(Buffer.from(piece));
        const { status } = await readResponse(client);
        client.destroy();
        return status;
      };
      for (let i = 0; i < 30; i++) await one(i);
      const before = rss();
      const statuses = new Set<number>();
      for (let i = 30; i < 330; i++) statuses.add(await one(i));
      const more = rss() - before;
      assert.deepEqual([...statuses], [200]);
      assert.ok(more < 200 * MB, `${Math.round(more / MB)} MB more, of 600 that came`);
    },
    poolRoute(),
  ));

test('of 30 bodies of sixty megabytes under a limit of one request no more is held than may be', () => {
  const first = Promise.withResolvers<void>();
  return gateway.serve(
    async request => {
      const { body } = await request.body();
      await first.promise;
      request.wire.write(answer(String(body.length)));
    },
    async ({ connect }) => {
      const before = rss();
      let most = before;
      const timer = setInterval(() => {
        most = Math.max(most, rss());
      }, 20);
      const length = 60 * MB;
      const answered: number[] = [];
      const send = async () => {
        const client = await connect();
        client.write(head(length));
        const response = (async () => {
          // However long the others' bodies take.
          await client.untilMore();
          const { status } = await readResponse(client);
          answered.push(status);
          if (answered.length === 29) first.resolve();
        })();
        for (let sent = 0; sent < length && !client.ended && client.received === 0; sent += NAME.length)
          await Promise.race([client.writeAll(NAME), response]).catch(() => {});
        await response;
      };
      try {
        await Promise.all(Array.from({ length: 30 }, send));
      } finally {
        first.resolve();
        clearInterval(timer);
      }
      assert.deepEqual(answered.toSorted(), [200, ...Array.from({ length: 29 }, () => 503)]);
      assert.ok(most - before < 900 * MB, `${Math.round((most - before) / MB)} MB more, of 1,800 that came`);
    },
    poolRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' }),
  );
});
