import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startForTest } from '../start-for-test.ts';
import { shapesOf } from './shape-for-test.ts';

const SHAPES = new URL('../testdata/vllm-0.32-shapes.json', import.meta.url);
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
      header => !['date', 'server', 'content-length', 'connection', 'keep-alive', 'vary'].includes(header),
    );
    const expected = captured.headers
      .map(header => header.split(':', 1)[0]!)
      .filter(header => header !== 'content-length');
    assert.deepEqual(headers, expected, name);
    assert.equal(response.headers.get('server'), 'uvicorn');
    // Not in the captures; Starlette 1.10's CORS middleware adds it to every answer.
    assert.equal(response.headers.get('vary'), 'Origin');
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
  } else if (captured.includes('"choices"')) assert.deepEqual(shapesOf(text), shapesOf(captured), name);
  else assert.equal(text, captured, name);
}

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

interface ShapeCapture {
  readonly name: string;
  readonly request: string;
  readonly body?: string;
  readonly answer: string;
}

test('each parameter changes the answer and the stream as on a real vLLM', async context => {
  const server = await startForTest(
    context,
    ...['--max-model-len', '2048', '--max-num-seqs', '4', '--enable-lora'],
    ...['--lora-modules', 'sql-lora=/adapters/a', 'tweet-summary=/adapters/b'],
  );
  const captures = JSON.parse(readFileSync(SHAPES, 'utf8')) as ShapeCapture[];
  for (const { name, request, body, answer } of captures) {
    const [method, path] = request.split(' ') as [string, string];
    const headers = { 'content-type': 'application/json' };
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    const text = await (await fetch(server.url + path, init)).text();
    assert.deepEqual(shapesOf(text), shapesOf(answer), `${name}: ${request} ${body ?? ''}`);
  }
});

test('keys of a chat message: those of today, with the older empty tool_calls', async context => {
  const server = await startForTest(context);
  const response = await server.post(CHAT, { messages: hi, max_tokens: 1 });
  const { choices } = (await response.json()) as { choices: { message: object }[] };
  assert.deepEqual(Object.keys(choices[0]!.message), [
    ...['role', 'content', 'refusal', 'annotations', 'audio', 'function_call', 'tool_calls', 'reasoning'],
  ]);
});
