import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatBody } from './chat-body.ts';

test('every chat body is JSON of exactly 2 KB, and no two are equal', () => {
  const bodies = Array.from({ length: 256 }, (_, seed) => chatBody(seed));
  for (const body of bodies) {
    assert.equal(Buffer.byteLength(body), 2048);
    assert.equal((JSON.parse(body) as { model: string }).model, '/model/llama2');
  }
  assert.equal(new Set(bodies).size, bodies.length);
});

test('a body that asks for a stream says so', () => {
  assert.ok(chatBody(1, true).includes('"stream":true'));
});
