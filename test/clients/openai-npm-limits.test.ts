import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { Workplace } from '../e2e/cli-process.ts';
import { Gateway } from './support/gateway.ts';
import { begunStream, client, messages, type Seen } from './support/openai-npm.ts';
import { MODEL, simulatedPool } from './support/simulated-pool.ts';

const place = new Workplace();
after(() => place.close());
/** One request at a time; a token takes 10 ms. */
let narrow: Gateway;

before(async () => {
  narrow = await Gateway.start(
    place,
    'narrow',
    simulatedPool({ flags: ['--sim-decode-ms', '10'], circuitBreaker: { maxParallelRequests: 1 } }),
  );
});

test('an overflow is retried as often as the SDK is told, then is its InternalServerError', async () => {
  const holder = await begunStream(client(narrow), 2000);
  const seen: Seen[] = [];
  await assert.rejects(
    client(narrow, { maxRetries: 2, seen }).chat.completions.create({
      model: MODEL,
      messages,
      max_completion_tokens: 1,
    }),
    (error: unknown) => {
      assert.ok(error instanceof OpenAI.InternalServerError, String(error));
      assert.equal(error.status, 503);
      assert.equal(error.headers!.get('x-envoy-overloaded'), 'true');
      assert.match(
        error.headers!.get('x-breakwater-reason')!,
        /^limit=maxParallelRequests;.*in-use=1; max=1$/,
      );
      assert.match(error.message, /reset reason: overflow/);
      return true;
    },
  );
  assert.deepEqual(
    seen.map(({ status }) => status),
    [503, 503, 503],
  );
  holder.abort();
  await narrow.untilAtRest();
});

test('an overflow that is retried is served when the first request has ended, no sooner than retry-after said', async () => {
  const openai = client(narrow);
  // What has ended before tells when to come back.
  for (let i = 0; i < 3; i++)
    await openai.chat.completions.create({ model: MODEL, messages, max_completion_tokens: 5 });
  const holder = await begunStream(openai, 60);
  const seen: Seen[] = [];
  const [reason, answer] = await Promise.all([
    holder.rest(),
    client(narrow, { maxRetries: 8, seen }).chat.completions.create({
      model: MODEL,
      messages,
      max_completion_tokens: 1,
    }),
  ]);
  assert.equal(reason, 'length');
  assert.equal(answer.choices[0]!.finish_reason, 'length');
  assert.equal(seen[0]!.status, 503);
  assert.equal(seen.at(-1)!.status, 200);
  for (let i = 1; i < seen.length; i++) {
    const waitedMs = seen[i]!.atMs - seen[i - 1]!.atMs;
    assert.ok(
      waitedMs >= seen[i - 1]!.retryAfterMs,
      `came back after ${waitedMs} ms, was told ${seen[i - 1]!.retryAfterMs}`,
    );
  }
  assert.ok(seen[0]!.retryAfterMs >= 1000, 'retry-after is known once requests have ended');
});

test('a stream that the client aborts frees the model server and the permit', async () => {
  const stream = await begunStream(client(narrow), 4000);
  await narrow.untilEndpoints(
    'a running request',
    endpoint => endpoint.running === 1 && endpoint.inFlight === 1,
  );
  const abortedAtMs = performance.now();
  stream.abort();
  await narrow.untilEndpoints('no request in flight', endpoint => endpoint.inFlight === 0);
  const tookMs = performance.now() - abortedAtMs;
  assert.ok(tookMs < 1000, `freed after ${tookMs} ms`);
  await narrow.untilAtRest();
  const answer = await client(narrow).chat.completions.create({
    model: MODEL,
    messages,
    max_completion_tokens: 1,
  });
  assert.equal(answer.choices.length, 1);
});

test("the SDK's own timeout frees the model server", async () => {
  await assert.rejects(
    client(narrow).chat.completions.create(
      { model: MODEL, messages, max_completion_tokens: 4000 },
      { timeout: 300 },
    ),
    OpenAI.APIConnectionTimeoutError,
  );
  await narrow.untilAtRest();
});
