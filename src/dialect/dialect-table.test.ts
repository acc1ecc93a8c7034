import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIALECTS, dialectOf } from './dialect-table.ts';
import { errorBody } from './errors.ts';

test('a path says the dialect, whatever stands before and after it; others are OpenAI', () => {
  const expected = {
    '/v1/chat/completions': 'openai',
    '/v1/completions/render': 'openai',
    '/v1/embeddings': 'openai',
    '/v1/audio/transcriptions': 'openai',
    '/openai/v1/responses': 'responses',
    '/v1/responses/resp_1/cancel': 'responses',
    '/v1/messages': 'anthropic',
    '/team-a/v1/messages/count_tokens': 'anthropic',
    '/v1/messages-of-another-kind': 'openai',
    '/v1/messages-x/v1/messages': 'anthropic',
    '/inference/v1/generate': 'vllm',
    '/generate': 'sglang',
    '/v1/images/generations': 'openai',
    '': 'openai',
  };
  for (const [path, name] of Object.entries(expected)) assert.equal(dialectOf(path).name, name, path);
});

test('every path of a dialect is its own, wherever it stands in the list', () => {
  for (const { name, paths } of DIALECTS)
    for (const path of paths) assert.equal(dialectOf(path).name, name, path);
});

test('names of dialects occur once', () => {
  const names = DIALECTS.map(({ name }) => name);
  assert.deepEqual([...new Set(names)], names);
});

test('an error comes in the dialect of the path that was asked for', () => {
  const error = (path: string, status: number) =>
    JSON.parse(errorBody(dialectOf(path), status, 'BadRequestError', 'why'));
  const openAi = { error: { message: 'why', type: 'BadRequestError', param: null, code: 400 } };
  for (const path of ['/v1/chat/completions', '/v1/responses', '/inference/v1/generate', '/unknown'])
    assert.deepEqual(error(path, 400), openAi, path);
  assert.deepEqual(error('/generate', 400), { error: { message: 'why' } });
  const anthropic = (type: string) => ({ type: 'error', error: { type, message: 'why' } });
  assert.deepEqual(error('/v1/messages', 400), anthropic('invalid_request_error'));
  assert.deepEqual(error('/v1/messages', 503), anthropic('overloaded_error'));
  assert.deepEqual(error('/v1/messages', 418), anthropic('api_error'));
});
