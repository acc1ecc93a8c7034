import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startForTest } from '../start-for-test.ts';

const CAPTURES = new URL('../testdata/vllm-0.32-answers.txt', import.meta.url);

interface Answer {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
}

const hi = [{ role: 'user', content: 'hi' }];
const introduce = [{ role: 'user', content: 'introduce yourself' }];
const CHAT = '/v1/chat/completions';

/** The requests whose answers were captured: path, body (undefined: GET), content type. */
const REQUESTS: Readonly<Record<string, readonly [path: string, body?: unknown, contentType?: string]>> = {
  seedchat: [
    CHAT,
    { model: '/model/llama2', max_completion_tokens: 100, temperature: 0, messages: introduce },
  ],
  unknown: [CHAT, { model: 'nope', messages: hi }],
  nomodel: [CHAT, { messages: hi, max_tokens: 3, temperature: 0 }],
  badjson: [CHAT, '{"model":'],
  nomessages: [CHAT, { model: '/model/llama2' }],
  badtemp: [CHAT, { model: '/model/llama2', messages: hi, temperature: -3 }],
  badrole: [CHAT, { model: '/model/llama2', messages: [{ role: 'assistant', content: 'x' }] }],
  toolong: [CHAT, { model: '/model/llama2', messages: hi, max_tokens: 5000 }],
  longprompt: [CHAT, { messages: [{ role: 'user', content: 'hello '.repeat(3000) }] }],
  wrongct: [CHAT, { messages: hi }, 'text/plain'],
  get: [CHAT],
  notfound: ['/nope'],
  completion: ['/v1/completions', { model: '/model/llama2', prompt: 'hello', max_tokens: 3, temperature: 0 }],
  logprobs: [CHAT, { messages: hi, max_tokens: 1, temperature: 0, logprobs: true, top_logprobs: 1 }],
  embeddings: ['/v1/embeddings', { input: 'x' }],
  tokenize: ['/tokenize', { prompt: 'hello world' }],
  tokenizechat: ['/tokenize', { messages: introduce }],
  detok: ['/detokenize', { tokens: [1, 733, 16289] }],
  version: ['/version'],
  health: ['/health'],
  ping: ['/ping'],
  load: ['/load'],
  stream: [
    CHAT,
    { messages: hi, max_tokens: 3, temperature: 0, stream: true, stream_options: { include_usage: true } },
  ],
  streamc: ['/v1/completions', { prompt: 'hello', max_tokens: 2, temperature: 0, stream: true }],
};

test('each answer has the status, headers, keys, order and types of a real vLLM', async context => {
  const server = await startForTest(
    context,
    '--max-model-len',
    '2048',
    '--max-num-seqs',
    '4',
    '--enable-lora',
  );
  const captures = parseCaptures(readFileSync(CAPTURES, 'utf8'));
  assert.deepEqual([...captures.keys()].sort(), Object.keys(REQUESTS).sort());
  for (const [name, [path, body, contentType = 'application/json']] of Object.entries(REQUESTS)) {
    const response = await fetch(server.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': contentType },
          }),
    });
    const text = await response.text();
    const captured = captures.get(name)!;
    assert.equal(`HTTP/1.1 ${response.status} ${response.statusText}`, captured.status, name);
    const headers = [...response.headers.keys()].filter(
      header => !['date', 'server', 'content-length', 'connection', 'keep-alive'].includes(header),
    );
    const expected = captured.headers
      .map(header => header.split(':', 1)[0]!)
      .filter(header => header !== 'content-length');
    assert.deepEqual(headers, expected, name);
    assert.equal(response.headers.get('server'), 'uvicorn');
    compareBodies(name, text, captured.body);
  }
});

/** What has no random or random-weighted parts must be equal byte for byte; of the rest, keys in order and types. */
function compareBodies(name: string, text: string, captured: string): void {
  if (name === 'seedchat') {
    const { usage, choices } = JSON.parse(text) as { usage: object; choices: { finish_reason: string }[] };
    assert.deepEqual(
      { ...usage, completion_tokens_details: undefined },
      {
        prompt_tokens: 15,
        total_tokens: 115,
        completion_tokens: 100,
        prompt_tokens_details: null,
        completion_tokens_details: undefined,
      },
    );
    assert.equal(choices[0]!.finish_reason, 'length');
  } else if (name.startsWith('stream')) assert.deepEqual(eventShapes(text), eventShapes(captured), name);
  else if (captured.includes('"choices"'))
    assert.deepEqual(shapeOf(JSON.parse(text)), shapeOf(JSON.parse(captured)), name);
  else assert.equal(text, captured, name);
}

function eventShapes(text: string): unknown[] {
  const events = text.trim().split('\n\n');
  assert.equal(events.at(-1), 'data: [DONE]');
  return events.slice(0, -1).map(event => shapeOf(JSON.parse(event.slice('data: '.length))));
}

/** Keys in their order with the types of their values; small numbers and fixed texts as they are. */
function shapeOf(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return key === 'bytes' ? 'bytes' : value.map(entry => shapeOf(entry));
  if (typeof value !== 'object' || value === null)
    return value === null || FIXED.has(key) ? value : typeof value;
  return Object.entries(value)
    .filter(([name]) => name !== 'tool_calls')
    .map(([name, entry]) => [name, shapeOf(entry, name)]);
}

/** Fields whose values are the same whatever the weights are. */
const FIXED = new Set([
  'object',
  'model',
  'role',
  'finish_reason',
  'index',
  'prompt_tokens',
  'total_tokens',
  'completion_tokens',
]);

function parseCaptures(text: string): Map<string, Answer> {
  const sections = text.split(/^### /m).slice(1);
  return new Map(
    sections.map(section => {
      const [name, status, ...lines] = section.split('\n') as [string, string, ...string[]];
      const blank = lines.indexOf('');
      return [
        name,
        {
          status,
          headers: lines.slice(0, blank),
          body: lines
            .slice(blank + 1)
            .join('\n')
            .trim(),
        },
      ];
    }),
  );
}

test('keys of a chat message: those of today, with the older empty tool_calls', async context => {
  const server = await startForTest(context);
  const response = await server.post(CHAT, { messages: hi, max_tokens: 1 });
  const { choices } = (await response.json()) as { choices: { message: object }[] };
  assert.deepEqual(Object.keys(choices[0]!.message), [
    ...['role', 'content', 'refusal', 'annotations', 'audio', 'function_call', 'tool_calls', 'reasoning'],
  ]);
});
