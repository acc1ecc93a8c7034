import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asked, MAX_PROMPT_BYTES } from './asked.ts';

function prompt(body: unknown): string {
  const out = Buffer.alloc(MAX_PROMPT_BYTES);
  const says = asked(Buffer.from(JSON.stringify(body)), { contentType: '', contentEncoding: '' });
  return out.toString('utf8', 0, says.prompt?.writeTo(out) ?? 0);
}

test('in every dialect the prompt is what the model is given first', () => {
  const messages = [{ role: 'user', content: 'hi' }];
  assert.equal(prompt({ model: 'm', messages }), 'userhi');
  assert.equal(prompt({ system: 'You are.', messages }), 'You are.userhi', 'Anthropic, text');
  assert.equal(
    prompt({ messages, system: [{ type: 'text', text: 'You are.' }] }),
    'You are.userhi',
    'Anthropic, blocks',
  );
  assert.equal(prompt({ instructions: 'You are.', input: 'hi' }), 'You are.hi', 'Responses');
  const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] };
  assert.equal(prompt({ instructions: 'You are.', input: [item], text: { format: {} } }), 'You are.userhi');
  assert.equal(prompt({ text: 'hi' }), 'hi', 'SGLang');
  assert.equal(prompt({ prompt: ['a', 'b'] }), 'ab');
  assert.equal(prompt({ input: [['a'], ['b']] }), 'ab');
});

test('token ids are four bytes each, alike under every name', () => {
  const ids = [1, 2, 300_000];
  const bytes = Buffer.from(Int32Array.from(ids).buffer).toString();
  for (const key of ['prompt', 'token_ids', 'input_ids', 'input'])
    assert.equal(prompt({ [key]: ids }), bytes, key);
  assert.equal(prompt({ input_ids: [ids] }), bytes);
});

test('tools come before the messages; an image counts by its address', () => {
  const image = { type: 'image_url', image_url: { url: 'data:x' } };
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'what is it' }, image] }];
  assert.equal(
    prompt({ messages, tools: [{ name: 't' }] }),
    `[{"name":"t"}]userwhat is it${JSON.stringify(image)}`,
  );
});

test('after a message that is no JSON the next one is read: what is wrong with it is for the model server to say', () => {
  const out = Buffer.alloc(100);
  const body = '{"messages":[{"role":"a","content":"b" "c"},{"role":"user","content":[{"text":"hi"}]}]}';
  const says = asked(Buffer.from(body), { contentType: '', contentEncoding: '' });
  assert.equal(out.toString('utf8', 0, says.prompt?.writeTo(out)), 'abuserhi');
});

test('texts are read as JSON.parse reads them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
      assert.equal(prompt({ prompt: text }), Buffer.from(text).toString());
      const escaped = [...Array(text.length).keys()]
        .map(i => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`)
        .join('');
      const out = Buffer.alloc(MAX_PROMPT_BYTES);
      const says = asked(Buffer.from(`{"prompt":"${escaped}"}`), { contentType: '', contentEncoding: '' });
      assert.equal(out.toString('utf8', 0, says.prompt?.writeTo(out)), Buffer.from(text).toString());
    }),
  );
});

test('of a long prompt its beginning is taken, to the last byte that there is room for', () => {
  const out = Buffer.alloc(10);
  for (const text of ['x'.repeat(1000), '\n'.repeat(1000), 'é\n'.repeat(1000), '😀"'.repeat(100)]) {
    const body = Buffer.from(JSON.stringify({ messages: [{ role: '', content: text }, { content: text }] }));
    assert.equal(asked(body, { contentType: '', contentEncoding: '' }).prompt?.writeTo(out), 10);
    assert.deepEqual(out, Buffer.from(text).subarray(0, 10));
  }
});
