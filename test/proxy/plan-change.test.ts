import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { plainRoute } from './support/manifests.ts';
import { readBody, readHead, readResponse } from './support/message.ts';
import { answer, type Script } from './support/upstream.ts';
import { eventually } from './support/within.ts';

const gateway = useGateway({ workers: 2 });
const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

/** Tells which of the upstreams it is, in two parts when it is told to go on. */
function inTwoParts(name: string, goOn: Promise<void>): Script {
  return async ({ wire }) => {
    wire.write(`HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n${name}`);
    await goOn;
    wire.write('-done');
  };
}

test('a request ends on the plan that it began with; the next one on its connection has the new plan', () => {
  const goOn = Promise.withResolvers<void>();
  return gateway.serveMany(
    [inTwoParts('1', goOn.promise), inTwoParts('2', goOn.promise)],
    async ({ port, connect, upstreams }) => {
      const [one, two] = upstreams;
      assert.ok(one !== undefined && two !== undefined);
      await gateway.apply(plainRoute()(port, [one]));
      const client = await connect();
      client.write(GET);
      const head = await readHead(client);
      await gateway.apply(plainRoute()(port, [two]));
      goOn.resolve();
      assert.equal((await readBody(client, head)).body, '1-done');
      client.write(GET);
      assert.equal((await readResponse(client)).body, '2-done');
    },
  );
});

test('a limit that is lowered holds for new requests, and cuts none in flight', () => {
  const goOn = Promise.withResolvers<void>();
  return gateway.serve(inTwoParts('1', goOn.promise), async ({ port, connect, upstreams }) => {
    const clients = [await connect(), await connect(), await connect()];
    const heads = [];
    for (const client of clients) {
      client.write(GET);
      heads.push(await readHead(client));
    }
    const limited = plainRoute({ policy: 'circuitBreaker: { maxParallelRequests: 1 }' });
    await gateway.apply(limited(port, upstreams));
    const late = await connect();
    late.write(GET);
    assert.equal((await readResponse(late)).status, 503);
    goOn.resolve();
    for (const [i, client] of clients.entries())
      assert.equal((await readBody(client, heads[i]!)).body, '1-done');
    late.write(GET);
    assert.equal((await readResponse(late)).body, '1-done');
  });
});

test('a thousand requests while the plan changes fifty times: none is lost', () =>
  gateway.serveMany(
    [({ wire }) => void wire.write(answer('1')), ({ wire }) => void wire.write(answer('2'))],
    async ({ port, connect, upstreams }) => {
      const clients = await Promise.all(Array.from({ length: 20 }, connect));
      let changes = 0;
      const changing = (async () => {
        for (; changes < 50; changes++) await gateway.apply(plainRoute()(port, [upstreams[changes % 2]!]));
      })();
      const asking = clients.map(async client => {
        for (let i = 0; i < 50; i++) {
          client.write(GET);
          assert.match((await readResponse(client)).body, /^[12]$/);
        }
      });
      await Promise.all([changing, ...asking]);
    },
  ));

test('a limit of connections that becomes 0 while a request waits for one: it is refused, where nothing will end its wait', () => {
  const goOn = Promise.withResolvers<void>();
  const once: Script = async ({ wire }) => {
    await goOn.promise;
    wire.write('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    wire.socket.end();
  };
  const limited = (max: number) => plainRoute({ policy: `circuitBreaker: { maxConnections: ${max} }` });
  return gateway.serve(
    once,
    async ({ port, connect, upstream, upstreams, snapshot }) => {
      const [first, second] = [await connect(), await connect()];
      first.write(GET);
      await upstream.request(0);
      second.write(GET);
      await eventually(1000, 'one that waits', async () =>
        (await snapshot()).limits.some(({ pending }) => pending === 1),
      );
      await gateway.apply(limited(0)(port, upstreams));
      goOn.resolve();
      assert.equal((await readResponse(first)).status, 200);
      assert.equal((await readResponse(second)).status, 503);
    },
    limited(1),
  );
});
