import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { Workplace } from '../e2e/cli-process.ts';
import { poolManifest } from '../e2e/support/pool-manifest.ts';
import { BrokenServer, MID_EVENT } from './support/broken-server.ts';
import { Gateway } from './support/gateway.ts';
import { client, messages } from './support/openai-npm.ts';
import { MODEL, simulatedPool } from './support/simulated-pool.ts';

const ADAPTER = 'sql-lora';
const place = new Workplace();
after(() => place.close());
/** Fast and without limits. */
let open: Gateway;

before(async () => {
  open = await Gateway.start(
    place,
    'open',
    simulatedPool({
      flags: ['--sim-decode-ms', '1', '--enable-lora', '--lora-modules', `${ADAPTER}=/adapters/sql`],
    }),
  );
});

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

  await context.test('a stream in the middle of an event: what came before, then an error', async () => {
    const asked = { model: 'm', messages, stream: true, stop: MID_EVENT } as const;
    const stream = await openai.chat.completions.create(asked);
    let text = '';
    await assert.rejects(async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    });
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
