import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Scene, TestGateway } from './support/gateway.ts';
import { field, readBody, readHead, readResponse } from './support/message.ts';
import { answer, type Script } from './support/upstream.ts';
import { within } from './support/within.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
const quick: Script = ({ wire }) => void wire.write(answer('ok'));

/** Draining cannot be taken back: each test has a gateway of its own. */
async function drained(script: Script, run: (scene: Scene, drain: () => Promise<void>) => Promise<void>) {
  const gateway = new TestGateway({});
  await gateway.start();
  try {
    await gateway.serve(script, scene => run(scene, () => gateway.drain(10_000)));
  } finally {
    await gateway.close();
  }
}

test('draining closes what is idle at once, and takes no new connection', () =>
  drained(quick, async ({ connect }, drain) => {
    const [fresh, used] = [await connect(), await connect()];
    used.write(GET);
    await readResponse(used);
    await within(1000, 'the drain', drain());
    assert.equal(await fresh.readToEnd(), '');
    assert.equal(await used.readToEnd(), '');
    await assert.rejects(connect(), { code: 'ECONNREFUSED' });
  }));

test('draining waits for an answer that is on its way', () => {
  const goOn = Promise.withResolvers<void>();
  return drained(
    async ({ wire }) => {
      wire.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n');
      await goOn.promise;
      wire.write('1\r\nb\r\n0\r\n\r\n');
    },
    async ({ connect }, drain) => {
      const client = await connect();
      client.write(GET);
      const head = await readHead(client);
      const done = drain();
      goOn.resolve();
      assert.equal((await readBody(client, head)).body, 'ab');
      await client.untilEnded();
      await within(3000, 'the drain', done);
    },
  );
});

test('a request that had begun to come is served, and told that it is the last', () =>
  drained(quick, async ({ connect }, drain) => {
    const [client, witness] = [await connect(), await connect()];
    client.write('GET / HTTP/1.1\r\nho');
    // What came before on this worker has been read.
    witness.write(GET);
    await readResponse(witness);
    const done = drain();
    await witness.untilEnded();
    client.write('st: a\r\n\r\n');
    const response = await readResponse(client);
    assert.equal(response.status, 200);
    assert.equal(field(response, 'connection'), 'close');
    await client.untilEnded();
    await within(3000, 'the drain', done);
  }));
