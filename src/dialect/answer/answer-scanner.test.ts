import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answer, answerScanner, dialectOf } from '../index.ts';
import { answerOf, captures } from './answers-for-test.ts';

const CAPTURES = captures();
const MODEL = '/model/llama2';
const NOTHING: Answer = {
  ...{ id: '', model: '', finishReason: '', tokensIn: undefined, tokensCached: undefined },
  ...{ tokensOut: undefined, tokensReasoning: undefined, contentEvents: 0, firstToken: false },
};
const sizes = fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 20 });

function says(facts: Partial<Answer>): Answer {
  return { ...NOTHING, ...facts, firstToken: (facts.contentEvents ?? 0) > 0 };
}

/** By hand from the captures. */
const EXPECTED: Readonly<Record<string, Partial<Answer>>> = {
  completion: { id: 'cmpl-bde36922aedb93f9', finishReason: 'length', tokensIn: 3, tokensOut: 3 },
  'chat-logprobs': { id: 'chatcmpl-87fbcf2509770ffe', finishReason: 'length', tokensIn: 14, tokensOut: 1 },
  'chat-json-schema': {
    id: 'chatcmpl-b08e491048037e49',
    finishReason: 'length',
    tokensIn: 14,
    tokensOut: 40,
  },
  'chat-stream': {
    ...{ id: 'chatcmpl-be28bd2b1057b49d', finishReason: 'length', tokensIn: 14, tokensOut: 3 },
    contentEvents: 3,
  },
  'completion-stream': { id: 'cmpl-832f5433475b182d', finishReason: 'length', contentEvents: 2 },
  'chat-stream-continuous-usage': {
    ...{ id: 'chatcmpl-81cedbbbbb7c1dc1', finishReason: 'length', tokensIn: 14, tokensOut: 2 },
    contentEvents: 2,
  },
  messages: { id: 'chatcmpl-9d020227e8144bea', finishReason: 'max_tokens', tokensIn: 14, tokensOut: 5 },
  'messages-stream': {
    ...{ id: 'chatcmpl-a13f75e63a6e5240', finishReason: 'max_tokens', tokensIn: 14, tokensOut: 3 },
    contentEvents: 2,
  },
  'count-tokens': { model: '', tokensIn: 14 },
  responses: {
    ...{ id: 'resp_b6d88f26d90f50e5', finishReason: 'max_output_tokens', tokensIn: 15, tokensCached: 0 },
    ...{ tokensOut: 5, tokensReasoning: 0 },
  },
  'responses-stream': {
    ...{ id: 'resp_b5b391316fc12e2e', finishReason: 'max_output_tokens', tokensIn: 15, tokensCached: 0 },
    ...{ tokensOut: 2, tokensReasoning: 0, contentEvents: 2 },
  },
  'chat-unknown-model': { model: '' },
  'messages-unknown-model': { model: '' },
};

test('of every answer of a real vLLM it is known what it cost, in whatever pieces it comes', () => {
  assert.deepEqual([...CAPTURES.keys()].sort(), Object.keys(EXPECTED).sort());
  for (const [name, { path, body }] of CAPTURES) {
    const expected = says({ model: MODEL, ...EXPECTED[name] });
    assert.deepEqual(answerOf(path, body), expected, name);
    assert.deepEqual(answerOf(path, body, [1]), expected, `${name}, byte by byte`);
    fc.assert(
      fc.property(sizes, split => assert.deepEqual(answerOf(path, body, split), expected, name)),
      { numRuns: 30 },
    );
  }
});

test('events may have their lines ended by LF, CR or CRLF, comments, other fields and several lines of data', () => {
  const withComments = (body: string) =>
    `\ufeff: hello\n\nretry: 10\n\n${body.replaceAll('\n\n', '\nid: 7\n\n: ping {"usage":{"prompt_tokens":9}}\n\ndatabase: {"id":"x"}\ndata\n\n')}`;
  const manyLines = (body: string) =>
    body.replaceAll(/^data: (\{.*)$/gm, (_, json) =>
      JSON.stringify(JSON.parse(json), undefined, 1).replaceAll(/^/gm, 'data:'),
    );
  const noSpace = (body: string) => body.replaceAll('data: ', 'data:');
  const forms = [
    (body: string) => body,
    withComments,
    manyLines,
    noSpace,
    (b: string) => withComments(manyLines(b)),
  ];
  for (const [name, { path, body }] of CAPTURES) {
    if (!name.includes('stream')) continue;
    const expected = answerOf(path, body);
    fc.assert(
      fc.property(
        fc.constantFrom(...forms),
        fc.constantFrom('\n', '\r', '\r\n'),
        sizes,
        (form, end, split) => {
          assert.deepEqual(answerOf(path, form(body).replaceAll('\n', end), split), expected, name);
        },
      ),
      { numRuns: 60 },
    );
  }
});

test('a stream that breaks off says what it has said', () => {
  const { path, body } = CAPTURES.get('chat-stream-continuous-usage')!;
  const cut = body.slice(0, body.indexOf(' Gon'));
  assert.deepEqual(
    answerOf(path, cut),
    says({ id: 'chatcmpl-81cedbbbbb7c1dc1', model: MODEL, tokensIn: 14, tokensOut: 1, contentEvents: 1 }),
  );
});

const event = (...data: object[]) => data.map(one => `data: ${JSON.stringify(one)}\n\n`).join('');

test("OpenAI: cached and reasoning tokens; a role, an empty text or null is no first token, a tool's call is", () => {
  const usage = {
    prompt_tokens: 2006,
    completion_tokens: 300,
    prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 210 },
  };
  const expected = { tokensIn: 2006, tokensCached: 1920, tokensOut: 300, tokensReasoning: 210 };
  assert.deepEqual(answerOf('/v1/chat/completions', JSON.stringify({ usage })), says(expected));
  const delta = (is: object) => event({ choices: [{ index: 0, delta: is }] });
  const silent =
    delta({ role: 'assistant', content: '' }) + delta({ content: null, tool_calls: [] }) + delta({});
  assert.equal(answerOf('/v1/chat/completions', silent).firstToken, false);
  for (const is of [
    { content: ' ' },
    { reasoning_content: 'x' },
    { reasoning: '\n' },
    { tool_calls: [{ index: 0 }] },
  ])
    assert.equal(
      answerOf('/v1/chat/completions', silent + delta(is), [3]).contentEvents,
      1,
      JSON.stringify(is),
    );
  assert.equal(
    answerOf('/v1/embeddings', '{"data":[{"embedding":[1]}],"usage":{"prompt_tokens":8}}').tokensIn,
    8,
  );
});

test('Anthropic: tokens of caches are beside those of the input, and count as such', () => {
  const usage = {
    input_tokens: 3,
    cache_read_input_tokens: 1000,
    cache_creation_input_tokens: 20,
    output_tokens: 1,
  };
  const message = { id: 'msg_1', model: 'claude', content: [], stop_reason: null, usage };
  const stream = event(
    { type: 'message_start', message },
    { type: 'content_block_start', content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'hm' } },
    { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '' } },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 44 } },
  );
  const expected = { id: 'msg_1', model: 'claude', tokensIn: 1023, tokensCached: 1000 };
  assert.deepEqual(
    answerOf('/v1/messages', stream),
    says({ ...expected, finishReason: 'tool_use', tokensOut: 44, contentEvents: 1 }),
  );
  assert.deepEqual(answerOf('/v1/messages', JSON.stringify(message)), says({ ...expected, tokensOut: 1 }));
});

test("vLLM's and SGLang's own", () => {
  const choice = { index: 0, finish_reason: 'stop', token_ids: [5, 6] };
  const vllm = { request_id: 'r1', choices: [choice], usage: { prompt_tokens: 4, completion_tokens: 2 } };
  const expected = { id: 'r1', finishReason: 'stop', tokensIn: 4, tokensOut: 2 };
  assert.deepEqual(answerOf('/inference/v1/generate', JSON.stringify(vllm)), says(expected));
  assert.deepEqual(answerOf('/inference/v1/generate', event(vllm)), says({ ...expected, contentEvents: 1 }));

  const meta = (out: number, reason: unknown) => ({
    text: 'a',
    meta_info: {
      id: 's1',
      finish_reason: reason,
      prompt_tokens: 6,
      cached_tokens: 4,
      completion_tokens: out,
    },
  });
  const length = { type: 'length', length: 2 };
  const sglang = { id: 's1', finishReason: 'length', tokensIn: 6, tokensCached: 4, tokensOut: 2 };
  assert.deepEqual(answerOf('/generate', JSON.stringify(meta(2, length))), says(sglang));
  assert.deepEqual(
    answerOf('/generate', event(meta(1, null), meta(2, length))),
    says({ ...sglang, contentEvents: 2 }),
  );
  assert.deepEqual(
    answerOf('/generate', JSON.stringify([meta(2, length), meta(3, 'stop')])),
    says({ ...sglang, finishReason: 'stop', tokensIn: 12, tokensCached: 8, tokensOut: 5 }),
  );
  const batch = answerOf('/generate', event({ ...meta(1, null), index: 0 }, { ...meta(1, null), index: 1 }));
  assert.equal(batch.tokensIn, undefined, 'no event of a batch has the figures of all');
});

test('values one after the other, as some servers stream them, are read each', () => {
  const lines = [
    { model: 'a', usage: { prompt_tokens: 1 } },
    { usage: { prompt_tokens: 2, completion_tokens: 3 } },
  ];
  const body = lines.map(line => JSON.stringify(line)).join('\n');
  fc.assert(
    fc.property(sizes, split =>
      assert.deepEqual(
        answerOf('/v1/completions', body, split),
        says({ model: 'a', tokensIn: 2, tokensOut: 3 }),
      ),
    ),
  );
});

test('a coded answer is not looked at: nothing is known of it', () => {
  const dialect = dialectOf('/v1/messages');
  assert.equal(answerScanner(dialect, 'gzip'), undefined);
  assert.equal(answerScanner(dialect, 'br, gzip'), undefined);
  assert.notEqual(answerScanner(dialect, ''), undefined);
  assert.notEqual(answerScanner(dialect, 'identity'), undefined);
});

test('what no answer is throws nothing, and is the same in whatever pieces it comes', () => {
  const piece = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '\\u0075',
      '0',
      '17',
      '-',
      '1e9',
      'null',
      'true',
      ' ',
      '\n',
      '\r',
      '\n\n',
    ],
    ...[
      'data:',
      'data: ',
      ': ',
      'event: x\n',
      '"usage":',
      '{"usage":{"prompt_tokens":',
      '"choices":[',
      '"delta":',
    ],
    ...[
      '"id":"',
      '"model":"m"',
      '"meta_info":',
      '"response":',
      '"\\u0069d":"x"',
      '[DONE]',
      '\u00e9',
      '\0',
      'x'.repeat(1100),
    ],
  );
  const body = fc.oneof(
    fc.array(piece, { maxLength: 80 }).map(all => Buffer.from(all.join(''))),
    fc.uint8Array({ maxLength: 400 }).map(all => Buffer.from(all)),
  );
  const path = fc.constantFrom('/v1/chat/completions', '/v1/responses', '/v1/messages', '/generate');
  fc.assert(
    fc.property(path, body, sizes, (at, bytes, split) => {
      assert.deepEqual(answerOf(at, bytes, split), answerOf(at, bytes));
    }),
    { numRuns: 2000 },
  );
});
