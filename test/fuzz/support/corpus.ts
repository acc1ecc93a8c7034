import { answer } from '../../proxy/support/upstream.ts';
import type { Chance } from './chance.ts';

const CHAT = { model: 'model-a', messages: [{ role: 'user', content: 'introduce yourself' }] };

/** Bodies as clients of model servers send them, by path. */
const BODIES: readonly (readonly [path: string, body: string])[] = [
  ['/v1/chat/completions', JSON.stringify(CHAT)],
  [
    '/v1/chat/completions',
    JSON.stringify({ ...CHAT, stream: true, stream_options: { include_usage: true } }),
  ],
  [
    '/v1/chat/completions',
    JSON.stringify({
      ...CHAT,
      tools: [{ type: 'function', function: { name: 'f', parameters: { a: [{}] } } }],
    }),
  ],
  ['/v1/completions', JSON.stringify({ model: 'model-b', prompt: ['one', 'two'], max_tokens: 9 })],
  ['/v1/embeddings', JSON.stringify({ model: 'model-b', input: [[1, 2, 3], [4]] })],
  ['/v1/responses', JSON.stringify({ model: 'model-a', input: 'and?', previous_response_id: 'resp_1' })],
  ['/v1/messages', JSON.stringify({ ...CHAT, max_tokens: 9, system: [{ type: 'text', text: 'be brief' }] })],
  ['/generate', JSON.stringify({ text: 'one two three' })],
];

/** Requests that are right, each with the nonce in its head and body. */
export function requestsWith(nonce: string): string[] {
  const head = (line: string, more: string) =>
    `${line} HTTP/1.1\r\nhost: a\r\nx-nonce: ${nonce}\r\n${more}\r\n`;
  return [
    head('GET /v1/models', ''),
    head('GET /health?x=1', 'accept: */*\r\n'),
    ...BODIES.flatMap(([path, body]) => {
      const json = 'content-type: application/json\r\n';
      return [
        `${head(`POST ${path}`, `${json}content-length: ${body.length}\r\n`)}${body}`,
        `${head(`POST ${path}`, `${json}transfer-encoding: chunked\r\n`)}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      ];
    }),
  ];
}

/** Bodies that are large or deep, where what reads them must not be the one that suffers. */
export function monsterWith(nonce: string, chance: Chance): string {
  const depth = 1000 + chance.below(40_000);
  const body = chance.one<() => string>([
    () => `{"model":"model-a","tools":${'['.repeat(depth)}${']'.repeat(depth)}}`,
    () => `{"model":"model-a","messages":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
    () => `{"prompt":${'['.repeat(depth)}`,
    () => `{${Array.from({ length: depth }, (_, i) => `"k${i}":0`).join(',')},"model":"model-b"}`,
    () => JSON.stringify({ model: 'm'.repeat(depth * 4), prompt: 'x' }),
    () => JSON.stringify({ model: 'model-a', prompt: '\u0000'.repeat(depth) }),
    () => JSON.stringify({ model: 'model-a', input: [Array.from({ length: depth }, () => 7)] }),
  ])();
  const path = chance.one(BODIES)[0];
  return `POST ${path} HTTP/1.1\r\nhost: a\r\nx-nonce: ${nonce}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** Answers that are right, each with the nonce of its request. */
export function answersWith(nonce: string): string[] {
  const own = `x-nonce: ${nonce}`;
  const chunked = (type: string, ...chunks: string[]) =>
    `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n${own}\r\n\r\n` +
    chunks.map(chunk => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  const usage = '"usage":{"prompt_tokens":15,"total_tokens":115,"completion_tokens":100}';
  return [
    answer(`{"id":"chatcmpl-1","choices":[],${usage}}`, 'content-type: application/json', own),
    answer('{"id":"resp_1","object":"response"}', 'content-type: application/json', own),
    `${chunked('application/json', '{"id":', '"cmpl-1"}')}0\r\nx-t: u\r\n\r\n`,
    `${chunked('text/event-stream', 'data: {"choices":[]}\n\n', `data: {${usage}}\n\n`, 'data: [DONE]\n\n')}0\r\n\r\n`,
    `HTTP/1.1 204 No Content\r\n${own}\r\n\r\n`,
    `HTTP/1.1 404 Not Found\r\ncontent-length: 42\r\n${own}\r\n\r\n{"error":{"message":"no","param":"model"}} `,
    `HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n${own}\r\n\r\n{}`,
    `HTTP/1.1 429 Busy\r\ncontent-length: 2\r\nretry-after: 1\r\n${own}\r\n\r\n{}`,
  ];
}
