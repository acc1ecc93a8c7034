import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../proxy/support/gateway.ts';
import { poolRoute } from '../proxy/support/manifests.ts';
import { answer, type Script } from '../proxy/support/upstream.ts';
import { CHAT, post, status } from './support/scripts.ts';

const gateway = useGateway({ workers: 1 });
/** vLLM's own words. */
const ABSENT = JSON.stringify({
  error: { message: 'The model `model-a` does not exist.', type: 'NotFoundError', param: 'model', code: 404 },
});
const says =
  (text: string): Script =>
  async ({ wire, body }) => {
    await body();
    wire.write(status(404, text));
  };
const has: Script = async ({ wire, body }) => {
  await body();
  wire.write(answer('here'));
};

test('an endpoint that does not have the model is asked once; the client sees the answer of one that has it', () =>
  gateway.serveMany(
    [says(ABSENT), has],
    async ({ send, upstreams }) => {
      const [without] = upstreams;
      for (let i = 0; i < 30; i++) {
        const { status, body } = await send(CHAT);
        assert.deepEqual([status, body], [200, 'here']);
      }
      assert.ok((without?.requests.length ?? 0) <= 1, `${without?.requests.length}`);
      // Another model may be there.
      const other = post('{"model":"model-b","messages":[{"role":"user","content":"hi"}]}');
      assert.equal((await send(other)).status, 200);
    },
    poolRoute(),
  ));

test('where nobody has the model the client gets the 404 as it is', () =>
  gateway.serveMany(
    [says(ABSENT), says(ABSENT)],
    async ({ send }) => {
      for (let i = 0; i < 5; i++) {
        const { status, body } = await send(CHAT);
        assert.deepEqual([status, body], [404, ABSENT]);
      }
    },
    poolRoute(),
  ));

test('a 404 for something else is passed on, and says nothing of the model', () =>
  gateway.serveMany(
    [says('{"detail":"Not Found"}'), says('{"detail":"Not Found"}')],
    async ({ send, upstreams }) => {
      for (let i = 0; i < 4; i++) assert.equal((await send(CHAT)).body, '{"detail":"Not Found"}');
      assert.equal(
        upstreams.reduce((sum, { requests }) => sum + requests.length, 0),
        4,
      );
    },
    poolRoute(),
  ));

/** A 404 of 500 bytes that stops after some of them, until the test lets its server go. */
function stalling(begin: string, gone: Promise<void>): Script {
  return async ({ wire, body }) => {
    await body();
    wire.write(`HTTP/1.1 404 Not Found\r\ncontent-length: 500\r\n\r\n${begin}`);
    await gone;
    wire.destroy();
  };
}

for (const begin of ['', '{"error"', 'Not Found'])
  test(`a 404 that stalls after "${begin}" is not kept from the client: it sees the head, what has come, and how it broke off`, async () => {
    let letGo = () => {};
    const gone = new Promise<void>(resolve => (letGo = resolve));
    await gateway.serveMany(
      [stalling(begin, gone), stalling(begin, gone)],
      async ({ connect, upstreams }) => {
        const client = await connect();
        client.write(CHAT);
        const head = await client.readUntil('\r\n\r\n');
        assert.match(head, /^HTTP\/1\.1 404 /);
        assert.match(head, /content-length: 500/i);
        letGo();
        assert.equal((await client.readToEnd()).trim(), begin);
        assert.equal(
          upstreams.reduce((sum, { requests }) => sum + requests.length, 0),
          1,
        );
      },
      poolRoute(),
    );
  });
