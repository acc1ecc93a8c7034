import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import OpenAI from 'openai';
import { startForTest } from './start-for-test.ts';

const messages = [{ role: 'user' as const, content: 'introduce yourself' }];
const model = '/model/llama2';

/** The SDK as it is; only base_url leads here. */
async function client(context: TestContext, ...flags: string[]): Promise<OpenAI> {
  const server = await startForTest(context, ...flags);
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 });
}

test('the OpenAI SDK chats', async context => {
  const openai = await client(context);
  const answer = await openai.chat.completions.create({
    model,
    messages,
    max_completion_tokens: 100,
    temperature: 0,
  });
  assert.equal(answer.object, 'chat.completion');
  assert.equal(answer.choices[0]!.finish_reason, 'length');
  assert.equal(answer.choices[0]!.message.role, 'assistant');
  assert.ok(answer.choices[0]!.message.content!.length > 100);
  assert.equal(answer.usage!.prompt_tokens, 15);
  assert.equal(answer.usage!.completion_tokens, 100);
  assert.equal(answer.usage!.total_tokens, 115);
});

test('the OpenAI SDK streams a chat: the same text as without streaming, then the usage', async context => {
  const openai = await client(context);
  const request = { model, messages, max_completion_tokens: 40, temperature: 0 };
  const whole = await openai.chat.completions.create(request);
  const stream = await openai.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  const reasons: unknown[] = [];
  let total: number | undefined;
  for await (const { choices, usage } of stream) {
    text += choices[0]?.delta.content ?? '';
    if (choices[0]?.finish_reason) reasons.push(choices[0].finish_reason);
    total = usage?.total_tokens ?? total;
  }
  assert.equal(text, whole.choices[0]!.message.content);
  assert.deepEqual(reasons, ['length']);
  assert.equal(total, 55);
});

test("the SDK's stream helper gathers the answer", async context => {
  const openai = await client(context);
  const runner = openai.chat.completions.stream({
    model,
    messages,
    max_completion_tokens: 5,
    temperature: 0,
  });
  const answer = await runner.finalChatCompletion();
  assert.equal(answer.choices[0]!.finish_reason, 'length');
  assert.ok(answer.choices[0]!.message.content!.length > 0);
});

test('the OpenAI SDK lists models, adapters among them', async context => {
  const openai = await client(context, '--enable-lora', '--lora-modules', 'sql-lora=/adapters/sql');
  const { data: models } = await openai.models.list();
  assert.deepEqual(
    models.map(({ id, object, owned_by: owner }) => [id, object, owner]),
    [
      [model, 'model', 'vllm'],
      ['sql-lora', 'model', 'vllm'],
    ],
  );
});

test('the OpenAI SDK completes, with alternatives and log probabilities', async context => {
  const openai = await client(context);
  const { choices } = await openai.completions.create({
    model,
    prompt: ['hello', 'world'],
    max_tokens: 4,
    n: 2,
    seed: 7,
    logprobs: 2,
  });
  assert.deepEqual(
    choices.map(({ index }) => index),
    [0, 1, 2, 3],
  );
  for (const { logprobs } of choices) assert.equal(logprobs!.tokens!.length, 4);
});

test('tools are accepted', async context => {
  const openai = await client(context);
  const answer = await openai.chat.completions.create({
    model,
    messages,
    max_completion_tokens: 3,
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }],
  });
  assert.deepEqual(answer.choices[0]!.message.tool_calls, []);
});

test("the server's errors are the SDK's own", async context => {
  const openai = await client(context);
  await assert.rejects(openai.chat.completions.create({ model: 'nope', messages }), (error: unknown) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.type, 'NotFoundError');
    assert.equal(error.param, 'model');
    assert.match(error.message, /The model `nope` does not exist/);
    return true;
  });
  await assert.rejects(
    openai.chat.completions.create({ model, messages: [...messages, ...messages] }),
    OpenAI.BadRequestError,
  );
});
