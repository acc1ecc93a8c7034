import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ChunkedScanner } from './chunked.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import { HeadReader } from './head-reader.ts';
import { HttpSyntaxError } from './syntax-error.ts';

/** The bytes in pieces that end where it is said. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at]
    .map((from, i) => bytes.subarray(from, at[i] ?? bytes.length))
    .filter(one => one.length > 0);
}

function headOf(parts: readonly Buffer[]): string {
  const reader = new HeadReader(1000);
  try {
    for (const [i, part] of parts.entries()) {
      const read = reader.push(part);
      if (read !== undefined)
        return `${read.head}|${Buffer.concat([read.rest ?? Buffer.alloc(0), ...parts.slice(i + 1)]).toString('latin1')}`;
    }
    return reader.started ? 'more' : 'nothing';
  } catch (error) {
    assert.ok(error instanceof HttpSyntaxError);
    return error.code;
  }
}

function bodyOf(parts: readonly Buffer[]): string {
  let text = '';
  const scanner = new ChunkedScanner((bytes, from, to) => {
    text += bytes.toString('latin1', from, to);
  });
  try {
    for (const part of parts) if (scanner.push(part) !== -1) return `${text}|${scanner.trailers}`;
    return 'more';
  } catch (error) {
    assert.ok(error instanceof HttpSyntaxError);
    return error.code;
  }
}

const CUTS = fc.array(fc.nat(500), { maxLength: 20 });
const HEADS = fc
  .array(
    fc.constantFrom('\r\n', '\r', '\n', 'GET / HTTP/1.1', 'a: b', ':', ' ', '\t', '\0', '\x80', '\r\n\r\n'),
    {
      maxLength: 12,
    },
  )
  .map(parts => Buffer.from(parts.join(''), 'latin1'));
const BODIES = fc
  .array(
    fc.constantFrom(
      '1',
      'a',
      '0',
      '\r\n',
      '\r',
      '\n',
      ';',
      'x=y',
      ' ',
      '\t',
      '+',
      '-',
      '0x',
      'k: v',
      '1\r\nz\r\n',
    ),
    {
      maxLength: 16,
    },
  )
  .map(parts => Buffer.from(parts.join(''), 'latin1'));

test('a head is the same however its bytes are split', () => {
  fc.assert(
    fc.property(HEADS, CUTS, (bytes, cuts) => assert.equal(headOf(pieces(bytes, cuts)), headOf([bytes]))),
  );
});

test('a chunked body is the same however its bytes are split', () => {
  fc.assert(
    fc.property(BODIES, CUTS, (bytes, cuts) => assert.equal(bodyOf(pieces(bytes, cuts)), bodyOf([bytes]))),
  );
});

for (const size of ['1 ', '1\t', ' 1', '+1', '-1', '0x1', '1 ;a', '1_', '00000000000001', '', ';'])
  test(`a chunk of the size ${JSON.stringify(size)} is refused`, () => {
    assert.equal(bodyOf([Buffer.from(`${size}\r\nz\r\n0\r\n\r\n`)]), 'HTTP_BAD_CHUNK');
  });

test('CR, then LF in another packet between two requests, is no begun head', () => {
  const reader = new HeadReader(1000);
  assert.equal(reader.push(Buffer.from('\r')), undefined);
  assert.equal(reader.started, false);
  assert.equal(reader.push(Buffer.from('\n')), undefined);
  assert.equal(reader.started, false);
  assert.equal(reader.push(Buffer.from('G')), undefined);
  assert.equal(reader.started, true);
});

test('bytes that come one by one cost their number, not its square', () => {
  const gathered = new GatheredBytes();
  let moved = 0;
  let before = gathered.bytes.buffer;
  for (let i = 0; i < 60_000; i++) {
    gathered.push(Buffer.from([i & 0xff]));
    if (gathered.bytes.buffer !== before) moved += gathered.length;
    before = gathered.bytes.buffer;
  }
  assert.ok(moved < 4 * 60_000, `${moved} bytes were moved`);
  assert.equal(gathered.bytes[59_999], 59_999 & 0xff);
});
