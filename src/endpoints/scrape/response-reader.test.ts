import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ResponseReader } from './response-reader.ts';

const MAX = 100_000;
const LARGE = 'x'.repeat(40_000);
const chunk = (text: string, extension = '') => `${text.length.toString(16)}${extension}\r\n${text}\r\n`;

/** Feeds bytes in pieces that end at the cuts. */
function feed(reader: ResponseReader, text: string, cuts: readonly number[]): boolean {
  const bytes = Buffer.from(text, 'latin1');
  const ends = [...new Set([...cuts.filter(cut => cut > 0 && cut < bytes.length), bytes.length])].sort(
    (a, b) => a - b,
  );
  let whole = false;
  let at = 0;
  for (const end of ends) {
    while (at < end) {
      const copied = bytes.copy(reader.space(), 0, at, end);
      whole = reader.received(copied);
      at += copied;
    }
  }
  return whole;
}

const ANSWERS: readonly { readonly text: string; readonly status: number; readonly body: string }[] = [
  { text: 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', status: 200, body: 'hello' },
  { text: 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', status: 404, body: '' },
  { text: 'HTTP/1.1 204\r\n\r\n', status: 204, body: '' },
  {
    text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\nhi`,
    status: 200,
    body: 'hi',
  },
  {
    text: `HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n${chunk(LARGE)}0\r\n\r\n`,
    status: 200,
    body: LARGE,
  },
  {
    text: `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk('a')}${chunk(LARGE, ' ;x=y')}${chunk('bc')}0\r\nt: u\r\n\r\n`,
    status: 200,
    body: `a${LARGE}bc`,
  },
  { text: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', status: 200, body: '' },
];

test('any split of the bytes gives the same answer, also in the memory of an earlier one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...ANSWERS), fc.array(fc.nat(41_000), { maxLength: 30 })), {
        minLength: 1,
        maxLength: 4,
      }),
      answers => {
        const reader = new ResponseReader(MAX);
        for (const [{ text, status, body }, cuts] of answers) {
          assert.ok(feed(reader, text, [...cuts, ...cuts.map(cut => cut % 200)]));
          assert.equal(reader.status, status);
          assert.ok(reader.body.equals(Buffer.from(body)));
          assert.ok(reader.keepAlive && !reader.closed());
          reader.reset();
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('every byte on its own', () => {
  for (const { text, body } of ANSWERS.filter(answer => answer.text.length < 1000)) {
    const reader = new ResponseReader(MAX);
    assert.ok(
      feed(
        reader,
        text,
        Array.from(text, (_, i) => i),
      ),
    );
    assert.equal(reader.body.toString(), body);
  }
});

test('a body may end with the connection, or be cut by it', () => {
  const reader = new ResponseReader(MAX);
  assert.equal(feed(reader, 'HTTP/1.0 200 OK\r\n\r\nhel', []), false);
  assert.equal(feed(reader, 'lo', []), false);
  assert.ok(reader.closed());
  assert.equal(reader.body.toString(), 'hello');
  assert.equal(reader.keepAlive, false);
  reader.reset();
  feed(reader, 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell', []);
  assert.equal(reader.closed(), false);
});

test('the connection is not used again when the server says so or sends too much', () => {
  for (const text of [
    'HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nx',
    'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n',
  ]) {
    const reader = new ResponseReader(MAX);
    assert.ok(feed(reader, text, []), text);
    assert.equal(reader.keepAlive, false, text);
  }
});

test('malformed and too large answers are refused', () => {
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
  for (const [text, message] of [
    ['SSH-2.0-OpenSSH_9.6\r\n\r\n', /not an HTTP\/1.1 answer/],
    ['HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n', /content-length/],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n', /transfer-encoding/],
    [`HTTP/1.1 200 OK\r\nx: ${LARGE}`, /head .* larger/],
    [`HTTP/1.1 200 OK\r\ncontent-length: ${MAX + 1}\r\n\r\n`, /larger than 100000/],
    [`HTTP/1.1 200 OK\r\n\r\n${LARGE}${LARGE}${LARGE}`, /larger than 100000/],
    [`${chunked}fffffff\r\n`, /larger than 100000/],
    [`${chunked}${chunk('x', `;${'y'.repeat(4000)}`).repeat(100)}`, /larger than 100000/],
    [`${chunked}zz\r\n`, /chunk's size/],
    [`${chunked}1;${LARGE}`, /too long/],
  ] as const) {
    assert.throws(() => feed(new ResponseReader(MAX), text, []), { message }, text.slice(0, 80));
  }
});
