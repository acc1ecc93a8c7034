import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chance } from '../fuzz/support/chance.ts';
import { HTTP_PIECES, mutateBytes } from '../fuzz/support/mutate-bytes.ts';
import { useGateway } from './support/gateway.ts';
import { plainRoute } from './support/manifests.ts';
import { readResponse } from './support/message.ts';
import { answer, echo, type Script } from './support/upstream.ts';
import { WireEnded } from './support/wire.ts';

const gateway = useGateway({
  workers: 2,
  bounds: { headTimeoutMs: 300, bodyIdleTimeoutMs: 300, idleTimeoutMs: 300 },
});
const RUNS = 1000;
/** So many at once. */
const AT_ONCE = 100;

function ownFields(fields: readonly (readonly [string, string])[], name: string): number {
  return fields.filter(([n]) => n === name).length;
}

async function each<T>(values: readonly T[], run: (value: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < values.length; from += AT_ONCE)
    await Promise.all(values.slice(from, from + AT_ONCE).map(run));
}

/** Some of these messages, each with its edits. */
function mutantsOf(messages: readonly string[], seed: number): string[] {
  const chance = new Chance(seed);
  return Array.from({ length: RUNS }, () => mutateBytes(chance.one(messages), chance, HTTP_PIECES));
}

const REQUESTS = [
  'GET /a?b HTTP/1.1\r\nhost: a\r\nx-a: b\r\n\r\n',
  'POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 41\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\nx-a: b\r\n\r\n',
  'POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n29;x=y\r\nGET /smuggled HTTP/1.1\r\nhost: a\r\nx-a: b\r\n\r\n\r\n0\r\nx-t: u\r\n\r\n',
];

test('whatever is done to a request, the upstream sees only requests that the gateway made', () =>
  gateway.serve(echo, async ({ connect, send, upstream }) => {
    await each(mutantsOf(REQUESTS, 1), async request => {
      const client = await connect();
      client.write(`${request}GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
      await client.untilEnded();
      client.destroy();
    });
    assert.ok(upstream.requests.length > RUNS / 5, `only ${upstream.requests.length} requests passed`);
    for (const { head } of upstream.requests) {
      assert.equal(ownFields(head.fields, 'x-request-id'), 1, JSON.stringify(head));
      assert.equal(ownFields(head.fields, 'x-forwarded-proto'), 1, JSON.stringify(head));
      assert.equal(ownFields(head.fields, 'host'), 1, JSON.stringify(head));
      const framing = ownFields(head.fields, 'content-length') + ownFields(head.fields, 'transfer-encoding');
      assert.ok(framing <= 1, JSON.stringify(head));
    }
    assert.equal((await send('GET / HTTP/1.1\r\nhost: a\r\n\r\n')).status, 200);
  }));

const RESPONSES = [
  'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-a: b\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nx-t: u\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nx-a: b\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n',
];

test("whatever an upstream answers, the next request on the client's connection gets its own answer", () => {
  const mutants = mutantsOf(RESPONSES, 2);
  const script: Script = ({ wire, head }) => {
    const [, number] = /^GET \/mutant\/(\d+) /.exec(head.line) ?? [];
    if (number === undefined) wire.write(answer('own'));
    else {
      wire.write(mutants[Number(number)] ?? '');
      wire.socket.end();
    }
  };
  return gateway.serve(
    script,
    async ({ connect }) => {
      await each([...mutants.keys()], async number => {
        const client = await connect();
        const get = (target: string) => `GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`;
        client.write(get(`/mutant/${number}`) + get('/own'));
        try {
          const first = await readResponse(client);
          assert.equal(ownFields(first.fields, 'x-request-id'), 1, JSON.stringify(first));
          const second = await readResponse(client);
          // 503: the connection that it was sent on was just being closed by the upstream.
          if (second.status !== 503) assert.equal(second.body, 'own', JSON.stringify(mutants[number]));
        } catch (error) {
          // Broken off: nobody takes it for whole.
          if (!(error instanceof WireEnded)) throw error;
        }
        client.destroy();
      });
    },
    plainRoute({ policy: 'circuitBreaker: { maxConnections: 100 }' }),
  );
});
