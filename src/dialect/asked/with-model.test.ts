import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asked } from './asked.ts';

function renamed(body: string, model: string): string {
  const says = asked(Buffer.from(body), { contentType: '', contentEncoding: '' });
  return Buffer.concat(says.withModel(model)).toString();
}

test('a rewrite changes the top-level model and nothing else', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), value),
      fc.dictionary(fc.string(), value),
      fc.string(),
      fc.string(),
      fc.constantFrom(undefined, 1, 2),
      (before, after, from, to, indent) => {
        const entries = {
          ...before,
          nested: { model: 'inner' },
          model: from,
          ...after,
          text: '{"model":"x"}',
        };
        const body = JSON.stringify({ ...entries, model: from }, undefined, indent);
        assert.deepEqual(JSON.parse(renamed(body, to)), { ...JSON.parse(body), model: to });
      },
    ),
  );
});

test('numbers beyond 2^53, spaces and escapes stay byte for byte', () => {
  assert.equal(
    renamed('{ "seed":12345678901234567890, "mod\\u0065l" : "a\\"b" ,"x":1.0}', 'c'),
    '{ "seed":12345678901234567890, "mod\\u0065l" : "c" ,"x":1.0}',
  );
});

test('of a repeated key all values are replaced: whichever counts for the server', () => {
  assert.equal(
    renamed('{"model":7,"model":"a","y":2,"model":"b"}', 'c'),
    '{"model":"c","model":"c","y":2,"model":"c"}',
  );
});

test('a large body is not copied for a new name', () => {
  const body = Buffer.from(JSON.stringify({ model: 'a', prompt: 'x'.repeat(1_000_000) }));
  const pieces = asked(body, { contentType: '', contentEncoding: '' }).withModel('b');
  assert.ok(pieces.every(({ buffer, length }) => length < 100 || buffer === body.buffer));
});
