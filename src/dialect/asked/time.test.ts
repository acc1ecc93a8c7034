import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASKED_NOTHING, asked } from './asked.ts';
import type { Asked } from './asked-values.ts';

const OUT = Buffer.alloc(16 * 1024);

/** CPU time of one reading, the best of a few, ms. */
function costMs(body: Buffer): number {
  let best = Number.POSITIVE_INFINITY;
  let got: Asked = ASKED_NOTHING;
  for (let i = 0; i < 5; i++) {
    const started = process.cpuUsage();
    got = asked(body, { contentType: 'application/json', contentEncoding: '' });
    got.prompt?.writeTo(OUT);
    best = Math.min(best, process.cpuUsage(started).user / 1000);
  }
  return best;
}

const keys = (count: number) => Array.from({ length: count }, (_, i) => `"key-${i}":1`).join(',');
const SHAPES: Readonly<Record<string, (size: number) => string>> = {
  'distinct keys': size => `{${keys(size / 12)},"model":"m"}`,
  'escaped quotes': size => `{"prompt":"${'\\"'.repeat(size / 2)}","model":"m"}`,
  backslashes: size => `{"prompt":"${'\\\\'.repeat(size / 2)}","model":"m"}`,
  'token ids': size => `{"input":[[${'70123,'.repeat(size / 6)}1]],"model":"m"}`,
  'a long number': size => `{"n":${'1'.repeat(size)},"model":"m"}`,
  'white space': size => `{${' '.repeat(size)}"model":"m"}`,
  'a quote that never ends': size => `{"prompt":"${'ab\\n'.repeat(size / 4)}`,
  messages: size => `{"messages":[${'{"role":"user","content":"hi"},'.repeat(size / 31)}{}],"model":"m"}`,
  'texts without a backslash': size => `{"input":[${'"hi",'.repeat(size / 5)}""],"model":"m"}`,
  'messages read twice': size =>
    `{"messages":[${'{"content":[],"text":"\\n"},'.repeat(size / 28)}{}],"model":"m"}`,
};

test('the time to read a body grows as the body does, whatever is in it', () => {
  for (const [name, shape] of Object.entries(SHAPES)) {
    const [small, large] = [Buffer.from(shape(1_000_000)), Buffer.from(shape(8_000_000))];
    const [few, many] = [costMs(small), costMs(large)];
    // Eight times as long; 20 ms for what the machine does meanwhile.
    assert.ok(many < few * 8 * 4 + 20, `${name}: ${few} ms, eight times as much: ${many} ms`);
    // A byte at a time is about 1 to 5 ms a megabyte; this is for machines that are busy.
    assert.ok(many < 8 * 60, `${name}: ${many} ms for 8 MB`);
  }
});
