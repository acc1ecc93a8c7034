import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { replaceModel } from './replace-model.ts';

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
        assert.deepEqual(JSON.parse(replaceModel(body, to)), { ...JSON.parse(body), model: to });
      },
    ),
  );
});

test('numbers beyond 2^53, spaces and escapes stay byte for byte; of a repeated key the last counts', () => {
  assert.equal(
    replaceModel('{ "seed":12345678901234567890, "mod\\u0065l" : "a\\"b" ,"x":1.0}', 'c'),
    '{ "seed":12345678901234567890, "mod\\u0065l" : "c" ,"x":1.0}',
  );
  assert.equal(JSON.parse(replaceModel('{"model":"a","y":2,"model":"b"}', 'c')).model, 'c');
});

test('a body of 12 MB is rewritten in time that does not grow faster than it', () => {
  const body = JSON.stringify({
    model: 'a',
    messages: [{ role: 'user', content: 'x "y" '.repeat(2_000_000) }],
  });
  const started = process.cpuUsage();
  assert.equal(JSON.parse(replaceModel(body, 'b')).model, 'b');
  assert.ok(process.cpuUsage(started).user < 3_000_000);
});
