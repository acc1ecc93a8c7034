import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { startForTest, type TestServer } from '../start-for-test.ts';

const CAPTURES = new URL('../testdata/vllm-0.32-refusals.json', import.meta.url);
const CHAT = '/v1/chat/completions';
const hi = [{ role: 'user', content: 'hi' }];

interface Capture {
  readonly name: string;
  readonly request: string;
  readonly body?: string;
  /** null: the request had none; absent: application/json. */
  readonly contentType?: string | null;
  readonly status: number;
  readonly allow?: string;
  readonly answer: string;
}

/** A server with the flags of the captured one. */
function measured(context: TestContext): Promise<TestServer> {
  return startForTest(
    context,
    ...['--max-model-len', '2048', '--max-num-seqs', '4', '--enable-lora'],
    ...['--lora-modules', 'sql-lora=/adapters/a', 'tweet-summary=/adapters/b'],
  );
}

test('refusals, and answers without random parts, are those of a real vLLM byte for byte', async context => {
  const server = await measured(context);
  const captures = JSON.parse(readFileSync(CAPTURES, 'utf8')) as Capture[];
  for (const { name, request, body, contentType = 'application/json', status, allow, answer } of captures) {
    const [method, path] = request.split(' ') as [string, string];
    const response = await fetch(server.url + path, {
      method,
      redirect: 'manual',
      // Bytes: fetch gives a text a content type of its own.
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
      ...(body === undefined || contentType === null ? {} : { headers: { 'content-type': contentType } }),
    });
    assert.deepEqual(
      [response.status, await response.text(), response.headers.get('allow')],
      [status, answer, allow ?? null],
      `${name}: ${request} ${body ?? ''}`,
    );
  }
});

test('a prompt without tokens is refused; it does not stop the queue', async context => {
  const server = await startForTest(context, '--trust-request-chat-template');
  const answers = [
    await server.post('/v1/completions', { prompt: [[]], max_tokens: 2 }),
    await server.post(CHAT, { messages: hi, max_tokens: 2, chat_template: '{{ "" }}' }),
  ];
  for (const answer of answers) {
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /The decoder prompt cannot be empty/);
  }
  assert.equal((await server.post('/v1/completions', { prompt: 'x', max_tokens: 2 })).status, 200);
});

test("a request's own chat template is refused unless the server trusts it", async context => {
  const body = { messages: hi, max_tokens: 1, chat_template: '{{ messages[0].content }}' };
  const wary = await (await startForTest(context)).post(CHAT, body);
  assert.equal(wary.status, 400);
  assert.match(await wary.text(), /--trust-request-chat-template is not set/);
  const trusting = await (await startForTest(context, '--trust-request-chat-template')).post(CHAT, body);
  const { usage } = (await trusting.json()) as { usage: { prompt_tokens: number } };
  assert.equal(usage.prompt_tokens, 1);
});

test('the last message is gone on with, and echoed, when the request says so', async context => {
  const server = await measured(context);
  const response = await server.post(CHAT, {
    messages: [...hi, { role: 'assistant', content: 'yo' }],
    ...{ max_tokens: 3, temperature: 0, echo: true, add_generation_prompt: false },
    continue_final_message: true,
  });
  const {
    usage,
    choices,
    prompt_logprobs: logprobs,
  } = (await response.json()) as {
    usage: { prompt_tokens: number };
    choices: { message: { content: string } }[];
    prompt_logprobs: unknown[];
  };
  // As measured: 17 tokens, while the whole conversation has 21.
  assert.equal(usage.prompt_tokens, 17);
  assert.match(choices[0]!.message.content, /^yo/);
  assert.equal(logprobs.length, 17);
  assert.equal(logprobs[0], null);
});

/** What the server says to raw bytes, until it closes. */
function said(server: TestServer, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', data => (text += data));
    socket.on('close', () => resolve(text)).on('error', reject);
  });
}

test("what is not HTTP gets uvicorn's answer, old HTTP a connection that closes", async context => {
  const server = await startForTest(context);
  const bad = await said(server, 'GARBAGE\r\n\r\n');
  assert.match(bad, /^HTTP\/1\.1 400 Bad Request\r\ndate: .*\r\nserver: uvicorn\r\n/);
  assert.match(
    bad,
    /content-type: text\/plain; charset=utf-8\r\n.*connection: close\r\n\r\nInvalid HTTP request received\.$/s,
  );
  const old = await said(server, 'GET /health HTTP/1.0\r\n\r\n');
  assert.match(
    old,
    /^HTTP\/1\.1 200 OK\r\n.*content-length: 0\r\nvary: Origin\r\nconnection: close\r\n\r\n$/s,
  );
});

test('a body that is not UTF-8 is refused by the framework; a byte order mark is passed over', async context => {
  const server = await startForTest(context);
  const post = (body: Buffer) =>
    fetch(server.url + CHAT, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const bad = await post(Buffer.from('{"messages":"\xff"}', 'latin1'));
  assert.deepEqual([bad.status, await bad.text()], [400, '{"detail":"There was an error parsing the body"}']);
  assert.equal(
    (await post(Buffer.from(`\ufeff${JSON.stringify({ messages: hi, max_tokens: 1 })}`))).status,
    200,
  );
});
