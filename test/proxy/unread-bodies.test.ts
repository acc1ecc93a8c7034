import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from './support/gateway.ts';
import { type Manifests, poolRoute } from './support/manifests.ts';
import { readResponse } from './support/message.ts';
import { echo } from './support/upstream.ts';
import { eventually } from './support/within.ts';

const gateway = useGateway({ bounds: { maxBodyBytes: 1000 } });

/** No plugin of the pool looks at a body, and no model is chosen by it. */
const bodiless: Manifests = (port, upstreams) => {
  const off = 'lora-affinity-scorer=0, prefix-cache-scorer=0';
  const annotated = `metadata: { name: pool, annotations: { breakwater.dev/scorer-weights: "${off}" } }`;
  const manifests = poolRoute({ models: [] })(port, upstreams);
  assert.ok(manifests.includes('kind: InferencePool\nmetadata: { name: pool }'));
  return manifests.replace(
    'kind: InferencePool\nmetadata: { name: pool }',
    `kind: InferencePool\n${annotated}`,
  );
};

function post(body: string, target = '/v1/completions'): string {
  return `POST ${target} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

test('a pool whose plugins need nothing of a body has it passed on as it comes', () =>
  gateway.serve(
    echo,
    async ({ connect, upstream }) => {
      const body = '{"model": "model-a"}';
      const request = post(body);
      const client = await connect();
      client.write(request.slice(0, -5));
      await eventually(
        20_000,
        'it to be sent before all of it has come',
        () => upstream.requests.length === 1,
      );
      client.write(request.slice(-5));
      assert.equal((await readResponse(client)).body, body);
    },
    bodiless,
  ));

test('such a body may be larger than what is read; a pool that needs it, and what may name a response, are bounded', async () => {
  const large = JSON.stringify({ prompt: 'x'.repeat(2000) });
  await gateway.serve(
    echo,
    async ({ send }) => {
      assert.equal((await send(post(large))).body, large);
      assert.equal((await send(post(large, '/v1/responses?x'))).status, 413);
    },
    bodiless,
  );
  await gateway.serve(
    echo,
    async ({ send }) => assert.equal((await send(post(large))).status, 413),
    poolRoute(),
  );
});
