import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { readAnswer } from './scrape-answer.ts';

const PAGE = Buffer.from('vllm:num_requests_running 3\nvllm:kv_cache_usage_perc 0.5\n');
const MAX = 10_000;
const answer = (
  body: Buffer,
  change: { status?: number; contentType?: string; contentEncoding?: string } = {},
) => readAnswer({ status: 200, contentType: 'text/plain', contentEncoding: '', ...change, body }, MAX);

test('figures are read from a page that is compressed although nobody asked for it', () => {
  for (const [contentEncoding, body] of [
    ['gzip', gzipSync(PAGE)],
    ['X-GZIP', gzipSync(PAGE)],
    ['deflate', deflateSync(PAGE)],
    ['zstd', zstdCompressSync(PAGE)],
    ['identity', PAGE],
    ['', PAGE],
  ] as const) {
    const figures = answer(body, { contentEncoding });
    assert.ok(typeof figures !== 'string', `${contentEncoding}: ${figures}`);
    assert.deepEqual([figures.running, figures.kvCacheUsage], [3, 0.5]);
  }
});

test('what is no page with figures is said in words, without what a terminal would obey', () => {
  assert.equal(answer(PAGE, { status: 401 }), 'status 401');
  assert.equal(answer(PAGE, { status: 302 }), 'status 302');
  assert.match(
    String(answer(Buffer.from('<html>'), { contentType: 'text/html\u001b[2J' })),
    /a page without metrics of a known model server \(content-type "text\/html\?\[2J"\)/,
  );
  assert.match(String(answer(Buffer.from('go_gc 1\n'), { contentType: '' })), /no content-type/);
  assert.match(String(answer(PAGE, { contentEncoding: 'br' })), /content-encoding "br"/);
  assert.match(String(answer(PAGE, { contentEncoding: 'gzip' })), /cannot be decoded/);
});

test('a small body that becomes a large one is not held', () => {
  assert.match(
    String(answer(gzipSync(Buffer.alloc(50_000_000)), { contentEncoding: 'gzip' })),
    /cannot be decoded/,
  );
});
