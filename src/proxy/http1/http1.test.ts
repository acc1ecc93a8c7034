import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkedScanner } from './chunked.ts';
import { HeadReader } from './head-reader.ts';
import { parseRequestHead } from './http1-request-head.ts';
import { parseResponseHead } from './http1-response-head.ts';
import { HttpSyntaxError } from './syntax-error.ts';

function* splits(bytes: Buffer, cuts: readonly number[]): Generator<Buffer> {
  const sorted = [...new Set(cuts.map(c => c % (bytes.length + 1)))].sort((a, b) => a - b);
  let at = 0;
  for (const cut of [...sorted, bytes.length]) {
    if (cut > at) yield bytes.subarray(at, cut);
    at = Math.max(at, cut);
  }
}

const request = (...lines: string[]) =>
  parseRequestHead(['POST /a?b=1 HTTP/1.1', ...lines].join('\r\n'), 100);
const refused = (code: string) => (error: unknown) => error instanceof HttpSyntaxError && error.code === code;

test('a request head gives method, target, authority and framing', () => {
  const head = request('Host: Example.com:80', 'Content-Length: 12', 'X-A:  b ');
  assert.equal(head.target, '/a?b=1');
  assert.equal(head.authority, 'Example.com:80');
  assert.equal(head.facts.contentLength, 12);
  assert.deepEqual(head.headers, ['host', 'Example.com:80', 'content-length', '12', 'x-a', 'b']);
});

test('the absolute form overrides the Host header (RFC 9112 section 3.2.2)', () => {
  const head = parseRequestHead('GET http://other.example/x HTTP/1.1\r\nHost: example.com', 100);
  assert.equal(head.authority, 'other.example');
  assert.equal(head.target, '/x');
});

const host = 'Host: a';
for (const [name, code, lines] of [
  ['both lengths', 'HTTP_LENGTH_AND_CHUNKED', [host, 'Content-Length: 1', 'Transfer-Encoding: chunked']],
  ['two lengths', 'HTTP_DUPLICATE_LENGTH', [host, 'Content-Length: 1', 'Content-Length: 1']],
  ['a signed length', 'HTTP_BAD_LENGTH', [host, 'Content-Length: +1']],
  ['another coding', 'HTTP_TRANSFER_ENCODING', [host, 'Transfer-Encoding: gzip, chunked']],
  ['obs-fold', 'HTTP_OBS_FOLD', [host, 'X-A: b', ' c']],
  ['two hosts', 'HTTP_DUPLICATE_HOST', [host, 'Host: b']],
  ['no host', 'HTTP_HOST', ['X-A: b']],
  ['a space before the colon', 'HTTP_BAD_HEADER', [host, 'X-A : b']],
  ['a control character', 'HTTP_BAD_HEADER', [host, 'X-A: b\u0000']],
] as const) {
  test(`a request with ${name} is refused`, () => {
    assert.throws(() => request(...lines), refused(code));
  });
}

test('HTTP/1.0 is answered 426, as Envoy Gateway does', () => {
  assert.throws(() => parseRequestHead('GET / HTTP/1.0\r\nHost: a', 100), { status: 426 });
});

test('a response head may lack its reason phrase', () => {
  assert.equal(parseResponseHead('HTTP/1.1 200\r\ncontent-length: 0', 100).status, 200);
  assert.throws(() => parseResponseHead('HTTP/1.1 20x OK', 100), refused('HTTP_BAD_STATUS_LINE'));
});

test('a head that is split anywhere reads the same', () => {
  const bytes = Buffer.from('\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nrest');
  fc.assert(
    fc.property(fc.array(fc.nat(60)), cuts => {
      const reader = new HeadReader(1024);
      let head: string | undefined;
      let rest = '';
      for (const part of splits(bytes, cuts)) {
        if (head !== undefined) {
          rest += part.toString();
          continue;
        }
        const read = reader.push(part);
        head = read?.head;
        rest += read?.rest?.toString() ?? '';
      }
      assert.equal(head, 'GET / HTTP/1.1\r\nHost: a');
      assert.equal(rest, 'rest');
    }),
  );
});

test('a bare LF and a head over the limit are refused', () => {
  assert.throws(
    () => new HeadReader(1024).push(Buffer.from('GET / HTTP/1.1\nHost: a\n\n')),
    refused('HTTP_BARE_LINE_END'),
  );
  // A TLS client on a port that speaks plain HTTP learns it at once.
  assert.throws(
    () => new HeadReader(1024).push(Buffer.from([0x16, 0x03, 0x01])),
    refused('HTTP_BAD_REQUEST_LINE'),
  );
  assert.throws(
    () => new HeadReader(8).push(Buffer.from('GET /aaaaaaaaaaaaaaa')),
    refused('HTTP_HEAD_TOO_LARGE'),
  );
});

test('a chunked body that is split anywhere gives the same payload, trailers and end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })),
      fc.array(fc.nat(400)),
      (chunks, cuts) => {
        const wire = Buffer.concat([
          ...chunks.flatMap(c => [
            Buffer.from(`${c.length.toString(16)};x=y\r\n`),
            Buffer.from(c),
            Buffer.from('\r\n'),
          ]),
          Buffer.from('0\r\nx-t: 1\r\n\r\nNEXT'),
        ]);
        const payload: Buffer[] = [];
        const scanner = new ChunkedScanner((bytes, from, to) =>
          payload.push(Buffer.from(bytes.subarray(from, to))),
        );
        let seen = 0;
        for (const part of splits(wire, cuts)) {
          const end = scanner.push(part);
          if (end !== -1) {
            seen += end;
            break;
          }
          seen += part.length;
        }
        assert.equal(seen, wire.length - 4);
        assert.ok(scanner.done);
        assert.deepEqual(Buffer.concat(payload), Buffer.concat(chunks));
        assert.equal(scanner.trailers, 'x-t: 1\r\n');
      },
    ),
  );
});

for (const wire of [
  '-1\r\n',
  '\r\n',
  '1\nx',
  '1\r\nxy\r\n',
  'g\r\n',
  '11111111111111\r\n',
  '0\r\na\u0000:\r\n',
]) {
  test(`a chunked body ${JSON.stringify(wire)} is refused`, () => {
    assert.throws(() => new ChunkedScanner().push(Buffer.from(wire)), refused('HTTP_BAD_CHUNK'));
  });
}
