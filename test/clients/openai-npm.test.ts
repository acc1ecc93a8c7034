import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { BrokenServer } from './support/broken-server.ts';
import { Gateway } from './support/gateway.ts';
import { MODEL, simulatedPool } from './support/simulated-pool.ts';

const messages = [{ role: 'user' as const, content: 'introduce yourself' }];
const ADAPTER = 'sql-lora';
/** vLLM's own: the answer has as many tokens as it may. */
const IGNORE_EOS = { ignore_eos: true } as object;

const place = new Workplace();
after(() => place.close());
/** Fast and without limits. */
let open: Gateway;
/** One request at a time; a token takes 10 ms. */
let narrow: Gateway;

before(async () => {
  open = await Gateway.start(
    place,
    'open',
    simulatedPool({
      flags: ['--sim-decode-ms', '1', '--enable-lora', '--lora-modules', `${ADAPTER}=/adapters/sql`],
    }),
  );
  narrow = await Gateway.start(
    place,
    'narrow',
    simulatedPool({ flags: ['--sim-decode-ms', '10'], circuitBreaker: { maxParallelRequests: 1 } }),
  );
});

interface Seen {
  readonly status: number;
  readonly atMs: number;
  readonly retryAfterMs: number;
}

/** The SDK as it is: only base_url leads here. Answers that it retries by itself are noted. */
function client(
  gateway: Gateway,
  options: { readonly maxRetries?: number; readonly seen?: Seen[] } = {},
): OpenAI {
  const { maxRetries = 0, seen } = options;
  return new OpenAI({
    baseURL: gateway.baseURL,
    apiKey: 'none',
    maxRetries,
    ...(seen === undefined
      ? {}
      : {
          fetch: async (url: string | URL | Request, init?: RequestInit) => {
            const response = await fetch(url, init);
            const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000;
            seen.push({ status: response.status, atMs: performance.now(), retryAfterMs });
            return response;
          },
        }),
  });
}

/** A stream that has begun: it holds its permit until it ends, or is aborted. */
async function begunStream(openai: OpenAI, tokens: number) {
  const stream = await openai.chat.completions.create({
    model: MODEL,
    messages,
    max_completion_tokens: tokens,
    stream: true,
    ...IGNORE_EOS,
  });
  const events = stream[Symbol.asyncIterator]();
  assert.equal((await events.next()).done, false);
  return {
    abort: () => stream.controller.abort(),
    rest: async () => {
      let last: OpenAI.ChatCompletionChunk | undefined;
      for (let next = await events.next(); !next.done; next = await events.next()) last = next.value;
      return last?.choices[0]?.finish_reason;
    },
  };
}

test('chats, and the id of the answer explains its pick', async () => {
  const answer = await client(open).chat.completions.create({
    model: MODEL,
    messages,
    max_completion_tokens: 20,
    temperature: 0,
  });
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.choices[0]!.finish_reason, 'length');
  assert.equal(answer.usage!.completion_tokens, 20);
  const decision = await open.decision(answer._request_id!);
  assert.equal(decision.verdict, 'picked');
  assert.equal(decision.model, MODEL);
  assert.equal(decision.endpoint, (await open.endpoints())[0]!.id);
  const { code, stdout } = await place.run(['explain', answer._request_id!, '--server', open.admin]);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`picked ${decision.endpoint}`));
});

test('streams the same text as it gives whole; usage comes when it is asked for', async () => {
  const openai = client(open);
  const request = { model: MODEL, messages, max_completion_tokens: 30, temperature: 0 };
  const whole = await openai.chat.completions.create(request);
  for (const include of [false, true]) {
    const stream = await openai.chat.completions.create({
      ...request,
      stream: true,
      ...(include ? { stream_options: { include_usage: true } } : {}),
    });
    let text = '';
    let events = 0;
    let completionTokens: number | undefined;
    for await (const { choices, usage } of stream) {
      events++;
      text += choices[0]?.delta.content ?? '';
      completionTokens = usage?.completion_tokens ?? completionTokens;
    }
    assert.equal(text, whole.choices[0]!.message.content);
    assert.equal(completionTokens, include ? 30 : undefined);
    assert.ok(events >= 30, `${events} events for 30 tokens`);
  }
});

test('lists models and adapters, one by its name', async () => {
  const openai = client(open);
  const ids: string[] = [];
  for await (const { id } of openai.models.list()) ids.push(id);
  assert.deepEqual(ids, [MODEL, ADAPTER]);
});

test('an adapter is a model', async () => {
  const { model } = await client(open).chat.completions.create({
    model: ADAPTER,
    messages,
    max_completion_tokens: 2,
  });
  assert.equal(model, ADAPTER);
});

test('completes, whole and as a stream', async () => {
  const openai = client(open);
  const request = { model: MODEL, prompt: ['one', 'two'], max_tokens: 5, temperature: 0 };
  const { choices } = await openai.completions.create(request);
  assert.deepEqual(
    choices.map(({ index, finish_reason: reason }) => [index, reason]),
    [
      [0, 'length'],
      [1, 'length'],
    ],
  );
  const texts = ['', ''];
  for await (const event of await openai.completions.create({ ...request, stream: true }))
    for (const { index, text } of event.choices) texts[index] += text;
  assert.deepEqual(
    texts,
    choices.map(({ text }) => text),
  );
});

test('a hundred at once, over one agent', async () => {
  const openai = client(open);
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      openai.chat.completions.create({ model: MODEL, messages, max_completion_tokens: 5 }),
    ),
  );
  assert.equal(new Set(answers.map(answer => answer._request_id)).size, 100);
  await open.untilAtRest();
});

test('a body that is no JSON is a BadRequestError, of the gateway', async () => {
  const before = (await open.endpoints())[0]!;
  await assert.rejects(
    client(open).post('/chat/completions', {
      body: '{"model": ',
      headers: { 'content-type': 'application/json' },
    }),
    (error: unknown) => {
      assert.ok(error instanceof OpenAI.BadRequestError, String(error));
      assert.equal(error.status, 400);
      assert.match(error.message, /JSON/);
      assert.ok(error.requestID);
      return true;
    },
  );
  assert.equal((await open.endpoints())[0]!.inFlight, before.inFlight);
});

test("the model server's own refusals pass: NotFoundError, BadRequestError", async () => {
  const openai = client(open);
  await assert.rejects(openai.chat.completions.create({ model: 'nope', messages }), OpenAI.NotFoundError);
  await assert.rejects(
    openai.chat.completions.create({ model: MODEL, messages, temperature: 9 }),
    OpenAI.BadRequestError,
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

test('an answer that the model server breaks off is an error, never a short answer', async context => {
  const server = new BrokenServer();
  const address = '127.84.0.1';
  const port = await server.listen(address);
  const gateway = await Gateway.start(place, 'broken', poolManifest([{ address, port }]), [
    '--simulate',
    'never',
  ]);
  context.after(async () => {
    await gateway.up.kill();
    await server.close();
  });
  const openai = client(gateway);

  await context.test('a stream: what came before, then an APIError', async () => {
    const stream = await openai.chat.completions.create({ model: 'm', messages, stream: true });
    let text = '';
    await assert.rejects(
      async () => {
        for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
      },
      (error: unknown) => {
        assert.ok(error instanceof OpenAI.APIError, String(error));
        assert.match(error.message, /broke off/);
        return true;
      },
    );
    assert.equal(text, 'It is not over');
  });

  await context.test('a whole answer: the read fails', async () => {
    const before = server.asked;
    await assert.rejects(openai.chat.completions.create({ model: 'm', messages }));
    assert.equal(server.asked, before + 1, 'nothing is sent twice once an answer has begun');
  });

  await gateway.untilAtRest();
});

test('a gateway that is gone is an APIConnectionError', async () => {
  const openai = new OpenAI({ baseURL: 'http://127.0.0.1:1/v1', apiKey: 'none', maxRetries: 0 });
  await assert.rejects(openai.models.list(), OpenAI.APIConnectionError);
});
