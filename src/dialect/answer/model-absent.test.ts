import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saysModelAbsent } from './model-absent.ts';

test('a 404 about the model is told from one about anything else', () => {
  const says = (answer: unknown) => saysModelAbsent(Buffer.from(JSON.stringify(answer)));
  const error = {
    message: 'The model `m` does not exist.',
    type: 'NotFoundError',
    param: 'model',
    code: 404,
  };
  assert.equal(says({ error }), true);
  assert.equal(says({ object: 'error', ...error }), true, 'older vLLM');
  assert.equal(says({ error: { code: 'model_not_found' } }), true);
  const anthropic = (message: string) => ({ type: 'error', error: { type: 'NotFoundError', message } });
  assert.equal(
    says(anthropic('The model `m` does not exist.')),
    true,
    'vLLM at /v1/messages, which names no param',
  );
  assert.equal(says({ type: 'error', error: { type: 'not_found_error', message: 'model: m' } }), true);
  for (const other of [
    anthropic('Batch b does not exist.'),
    { type: 'error', error: { message: 7 } },
    { detail: 'Not Found' },
    { error: { param: 'file' } },
    { error: null },
    null,
    7,
    'model',
  ])
    assert.equal(says(other), false, JSON.stringify(other));
  for (const text of ['', '{"error":{"param":"model"', '<html>'])
    assert.equal(saysModelAbsent(Buffer.from(text)), false);
});
