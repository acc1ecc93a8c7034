import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useGateway } from '../proxy/support/gateway.ts';
import { aliasRoute, poolRoute } from '../proxy/support/manifests.ts';
import { inTurn, post } from './support/scripts.ts';

const gateway = useGateway();
const MEGABYTE = 1024 * 1024;
const of = (unit: string, bytes: number) => unit.repeat(bytes / unit.length);

for (const [name, body] of [
  ['objects', `{"model":"model-a","messages":[${of('{},', 60 * MEGABYTE)}0]}`],
  ['lists', `{"model":"model-a","messages":${of('[', 60 * MEGABYTE)}`],
  ['keys', `{${Array.from({ length: 1_500_000 }, (_, i) => `"k${i}":0`).join(',')}}`],
] as const) {
  test(`a body that would be gigabytes of ${name} on the heap is never parsed whole: it passes unread, as one without a model`, () =>
    gateway.serve(
      inTurn('ok'),
      async ({ send, upstream }) => {
        const before = process.memoryUsage().rss;
        assert.equal((await send(post(body))).body, 'ok');
        assert.equal(upstream.requests.length, 1);
        const more = process.memoryUsage().rss - before;
        // The client of this test, the gateway and the server of this test each have it once, or twice for a moment.
        assert.ok(more < 1024 * MEGABYTE, `${Math.round(more / MEGABYTE)} MB more`);
      },
      poolRoute(),
    ));

  // All keys are read, and none of them is a model's.
  if (name === 'keys') continue;
  test(`a body of such ${name} is refused where a model must be read, in the error's shape that clients read`, () =>
    gateway.serve(
      inTurn('ok'),
      async ({ send, upstream }) => {
        const response = await send(post(body));
        assert.equal(response.status, 400);
        assert.equal(typeof JSON.parse(response.body).error.message, 'string');
        assert.equal(upstream.requests.length, 0);
      },
      aliasRoute(),
    ));
}

test('a body of 12 MB of text is served', () =>
  gateway.serve(
    inTurn('ok'),
    async ({ send }) => {
      const content = of('Some words, [and] {more}. ', 12 * MEGABYTE);
      const body = JSON.stringify({ model: 'model-a', messages: [{ role: 'user', content }] });
      assert.equal((await send(post(body))).body, 'ok');
    },
    poolRoute(),
  ));
