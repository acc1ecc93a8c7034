import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { readResponse } from './support/message.ts';
import { echo } from './support/upstream.ts';

const gateway = useGateway({ workers: 2 });
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

test('2,000 clients keep their connections, and each is served again', () =>
  gateway.serve(echo, async ({ connect, upstream }) => {
    const clients = [];
    for (let i = 0; i < 20; i++) {
      clients.push(...(await Promise.all(Array.from({ length: 100 }, connect))));
    }
    for (let round = 0; round < 2; round++) {
      for (let from = 0; from < clients.length; from += 500) {
        const some = clients.slice(from, from + 500);
        for (const client of some) client.write(GET);
        for (const { status } of await Promise.all(some.map(client => readResponse(client))))
          assert.equal(status, 200);
      }
    }
    assert.equal(upstream.requests.length, 4000);
  }));

test('500 streams at once: each gets every event, in order', () => {
  const EVENTS = 20;
  const started = Promise.withResolvers<void>();
  return gateway.serve(
    async ({ wire, index }) => {
      wire.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
      if (index === 499) started.resolve();
      await started.promise;
      for (let i = 0; i < EVENTS; i++) {
        const event = `data: ${String(i).padStart(2, '0')}\n\n`;
        wire.write(`${event.length.toString(16)}\r\n${event}\r\n`);
        await new Promise(resolve => setImmediate(resolve));
      }
      wire.write('0\r\n\r\n');
    },
    async ({ connect, upstream }) => {
      const clients = await Promise.all(Array.from({ length: 500 }, connect));
      for (const client of clients) client.write(GET);
      const expected = Array.from({ length: EVENTS }, (_, i) => `data: ${String(i).padStart(2, '0')}\n\n`);
      for (const { body } of await Promise.all(clients.map(client => readResponse(client))))
        assert.equal(body, expected.join(''));
      assert.equal(upstream.peak, 500);
    },
  );
});
