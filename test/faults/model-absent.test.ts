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
