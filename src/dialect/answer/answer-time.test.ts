import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf } from './answers-for-test.ts';

/** CPU time of one reading in pieces of 16 KB, the best of a few, ms. */
function costMs(body: Buffer): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 4; i++) {
    const started = process.cpuUsage();
    answerOf('/v1/chat/completions', body, [16 * 1024]);
    best = Math.min(best, process.cpuUsage(started).user / 1000);
  }
  return best;
}

const chunk =
  'data: {"id":"c","choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]}\n\n';
const SHAPES: Readonly<Record<string, (size: number) => string>> = {
  'a stream': size => chunk.repeat(size / chunk.length),
  'a stream whose lines end in CR': size => chunk.replaceAll('\n', '\r').repeat(size / chunk.length),
  'an event that never ends': size => `data: {"choices":[{"delta":{"content":"${'ab\\n'.repeat(size / 4)}`,
  'empty lines': size => `data:\n${'\n'.repeat(size)}`,
  'lines of data': size => 'data: {\n'.repeat(size / 8),
  'texts without an end, line by line': size => `data: {"${'x'.repeat(70)}\n`.repeat(size / 80),
  'whole, nested': size => `${'['.repeat(size / 2)}${']'.repeat(size / 2)}`,
  'whole, nested on the way': size => `{"choices":${'[{"delta":'.repeat(size / 10)}`,
  'escaped quotes': size => `{"a":"${'\\"'.repeat(size / 2)}"}`,
  backslashes: size => `{"a":"${'\\\\'.repeat(size / 2)}"}`,
  'a long id': size => `{"id":"${'x'.repeat(size)}"}`,
  'a long number': size => `{"usage":{"prompt_tokens":${'1'.repeat(size)}}}`,
  'a long key': size => `{"${'k'.repeat(size)}":1}`,
  'ids again and again': size => `{${'"id":"x",'.repeat(size / 9)}"id":"y"}`,
  figures: size => `{"data":[${'-0.0123,'.repeat(size / 8)}1]}`,
};

test('the time to read an answer grows as the answer does, whatever is in it', () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    const [small, large] = [Buffer.from(shape(1_000_000)), Buffer.from(shape(8_000_000))];
    const [few, many] = [costMs(small), costMs(large)];
    // Eight times as long; 60 ms for what the machine does meanwhile, and for its coarse clock.
    assert.ok(many < few * 8 * 4 + 60, `${name}: ${few} ms, eight times as much: ${many} ms`);
    // A byte at a time is about 1 to 15 ms a megabyte; this is for machines that are busy.
    assert.ok(many < 8 * 100, `${name}: ${many} ms for 8 MB`);
  }
});
