import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { MAX_INFLATED_BYTES } from '../content-coding.ts';
import { JSON_BOUNDS } from '../json/json-bytes.ts';
import { asked } from './asked.ts';

const JSON_TYPE = 'application/json';

function read(body: string | Buffer, contentType = JSON_TYPE, contentEncoding = '') {
  return asked(Buffer.from(body as string), { contentType, contentEncoding });
}

const nested = (depth: number) => `{"model":"m","prompt":${'['.repeat(depth)}${']'.repeat(depth)}}`;

test('what JSON.parse finds at the top is found, whatever is around it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 })),
      fc.option(fc.string({ unit: 'binary', maxLength: 100 })),
      fc.constantFrom(undefined, 1, '\t'),
      (others, model, indent) => {
        const body = JSON.stringify({ ...others, ...(model === null ? {} : { model }) }, undefined, indent);
        const expected = JSON.parse(body).model;
        const got = read(body);
        assert.equal(got.unread, undefined);
        // A lone surrogate is no character: UTF-8 has none.
        assert.equal(got.model, typeof expected === 'string' ? Buffer.from(expected).toString() : '');
      },
    ),
  );
});

test('of a repeated key the last counts, escapes in a key are read, a model that is no text is none', () => {
  assert.equal(read('{"model":"a","model":"b"}').model, 'b');
  assert.equal(read('{"mod\\u0065l":"a"}').model, 'a');
  assert.equal(read('{"\\u006d\\u006f\\u0064\\u0065\\u006c":"a"}').model, 'a');
  assert.equal(read('{"model":"a","model":7}').model, '');
  assert.equal(read('{"tools":[{"model":"inner"}],"x":{"model":"inner"}}').model, '');
  assert.equal(read('{"model":"\\ud83d\\ude00 \\ud800 \\u00e9\\n"}').model, '😀 \ufffd é\n');
  assert.equal(read('{"stream":true,"previous_response_id":"resp_1"}').stream, true);
  assert.equal(read('{"stream":false,"previous_response_id":"resp_1"}').previousResponse, 'resp_1');
});

test("what Python's json takes is read: a byte order mark, NaN, Infinity, bytes that are no UTF-8", () => {
  assert.equal(read('\ufeff{"model":"m"}').model, 'm');
  assert.equal(read(' \r\n\t{"a":NaN,"b":[-Infinity,Infinity],"model":"m"} \n').model, 'm');
  const broken = Buffer.concat([
    Buffer.from('{"prompt":"'),
    Buffer.from([0xff, 0xc3]),
    Buffer.from('","model":"m"}'),
  ]);
  assert.equal(read(broken).model, 'm');
});

test('what is no JSON object, though it says so, is unread; a list or a tensor names no model', () => {
  for (const body of [
    '{"model":',
    '{"model":"m"',
    '{"model" "m"}',
    '{"model":"m"}}',
    '{"model":"m"',
    'x',
    '7',
    '""',
    'null',
  ]) {
    assert.notEqual(read(body).unread, undefined, body);
    assert.equal(read(body).model, '', body);
  }
  assert.equal(read('[{"text":"a"}]').unread, undefined);
  const tensor = Buffer.concat([Buffer.from('{"inputs":[]}'), Buffer.from([0, 1, 2])]);
  assert.equal(read(tensor, 'application/octet-stream').unread, undefined);
});

test('JSON nested 100,000 deep, or of millions of values, is unread and ends nothing', () => {
  assert.equal(read(nested(JSON_BOUNDS.maxDepth)).model, 'm');
  for (const body of [
    nested(JSON_BOUNDS.maxDepth + 1),
    nested(100_000),
    `{"model":"m","messages":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
    `{"model":"m","a":[${'{},'.repeat(1_000_000)}{}]}`,
    `{"model":"m","a":[${'"",'.repeat(1_000_000)}""]}`,
    `{${'"model":"m",'.repeat(100_000)}"model":"m"}`,
  ]) {
    assert.match(read(body).unread ?? '', /^is nested deeper/, body.slice(0, 40));
    assert.equal(read(body).prompt, undefined);
  }
});

test('token ids are not counted as values: a thousand texts of 1,100 are read, also with their spaces', () => {
  const input = Array.from({ length: 1000 }, () => Array.from({ length: 1100 }, () => 70_123));
  const body = JSON.stringify({ input, model: 'm' });
  assert.equal(read(body).model, 'm');
  assert.equal(read(body.replaceAll(',', ', ')).model, 'm');
});

const CODINGS = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
};

test('a compressed body is read, and renamed in the same coding', () => {
  for (const [name, encode] of Object.entries(CODINGS)) {
    const got = read(encode('{"model":"a","n":1.0}'), JSON_TYPE, name.toUpperCase());
    assert.equal(got.model, 'a', name);
    const again = read(Buffer.concat(got.withModel('b')), JSON_TYPE, name);
    assert.equal(again.model, 'b', name);
  }
  assert.equal(read(deflateRawSync('{"model":"a"}'), JSON_TYPE, 'deflate').model, 'a');
  assert.equal(read('{"model":"a"}', JSON_TYPE, 'identity').model, 'a');
});

test('a compressed body that holds too much, is broken, or is coded twice, is unread', () => {
  const bomb = gzipSync(Buffer.alloc(MAX_INFLATED_BYTES + 1, 0x20));
  assert.match(read(bomb, JSON_TYPE, 'gzip').unread ?? '', /holds more than/);
  assert.notEqual(read('{"model":"a"}', JSON_TYPE, 'gzip').unread, undefined);
  for (const coding of ['gzip, gzip', 'lzma', 'constructor'])
    assert.notEqual(read('{"model":"a"}', JSON_TYPE, coding).unread, undefined, coding);
});

test('in every dialect it is known how many tokens are asked for, of how many choices', () => {
  const bodies: [object, number | undefined, number][] = [
    [{ messages: [], max_tokens: 7 }, 7, 1],
    [{ messages: [], max_tokens: 7, max_completion_tokens: 9, n: 3 }, 9, 3],
    [{ input: 'hi', max_output_tokens: 11 }, 11, 1],
    [{ token_ids: [1], sampling_params: { temperature: 0, max_tokens: 13, n: 2 } }, 13, 2],
    [{ text: 'hi', sampling_params: { max_new_tokens: 17 } }, 17, 1],
    [{ messages: [], max_tokens: null }, undefined, 1],
    [{ messages: [], max_tokens: '7', n: -1 }, undefined, 1],
    [{ text: ['a', 'b'], sampling_params: [{ max_new_tokens: 17 }, {}] }, undefined, 1],
    [{ metadata: { max_tokens: 7 }, sampling_params: { inner: { max_tokens: 7 } } }, undefined, 1],
  ];
  for (const [body, maxTokens, choices] of bodies) {
    const got = read(JSON.stringify(body));
    assert.deepEqual([got.maxTokens, got.choices], [maxTokens, choices], JSON.stringify(body));
    const packed = read(gzipSync(JSON.stringify(body)), JSON_TYPE, 'gzip');
    assert.deepEqual([packed.maxTokens, packed.choices], [maxTokens, choices], 'compressed');
  }
  assert.equal(read('{"max_tokens":1,"max_tokens":2}').maxTokens, 2);
  assert.equal(read('{"sampling_params":{"n":1,"\\u006e":4}}').choices, 4);
  assert.equal(read(`{"max_tokens":${'9'.repeat(400)}}`).maxTokens, undefined);
});

test('whether a stream is to say its usage is read where it says so', () => {
  assert.ok(read('{"stream":true,"stream_options":{"include_usage":true}}').includeUsage);
  for (const options of ['{"include_usage":false}', '{}', 'null', '[true]', '{"x":{"include_usage":true}}'])
    assert.ok(!read(`{"stream":true,"stream_options":${options}}`).includeUsage, options);
});

test('what is asked for is the same for JSON.parse, whatever else the body holds', () => {
  const number = fc.oneof(fc.nat(), fc.constantFrom(null, 'x', -1, 1.5, true));
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
      number,
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
      number,
      (others, maxTokens, inner, innerTokens) => {
        const sampling_params = { ...inner, max_new_tokens: innerTokens };
        const got = read(JSON.stringify({ ...others, sampling_params, max_tokens: maxTokens }));
        const valid = (value: unknown) =>
          typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
        const elsewhere =
          valid(others['max_completion_tokens']) ??
          valid(others['max_output_tokens']) ??
          valid(inner['max_tokens']);
        if (elsewhere === undefined) assert.equal(got.maxTokens, valid(maxTokens) ?? valid(innerTokens));
      },
    ),
  );
});

test('no bytes make the reading throw', () => {
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '\\u',
      '\\ud83d',
      '0',
      '-',
      '1e9',
      'true',
      'null',
      ' ',
      '\0',
    ],
    ...['"model"', '"messages"', '"tools"', '"sampling_params"', '"max_tokens"', '"n"', '"stream_options"'],
    ...['"text"', '"input_ids"', '"role"', '"content"', '\u00e9', '--b\r\n', 'name="model"', '\r\n\r\n'],
  );
  const bytes = fc.oneof(
    fc.array(pieces, { maxLength: 60 }).map(all => Buffer.from(all.join(''))),
    fc.array(pieces, { maxLength: 60 }).map(all => Buffer.from(`{${all.join('')}}`)),
    fc.uint8Array({ maxLength: 300 }).map(all => Buffer.from(all)),
  );
  const out = Buffer.alloc(256);
  fc.assert(
    fc.property(
      bytes,
      fc.constantFrom('', JSON_TYPE, 'text/plain', 'multipart/form-data; boundary=b'),
      fc.constantFrom('', 'gzip', 'deflate', 'br', 'zstd', 'x'),
      (body, contentType, coding) => {
        const got = read(body, contentType, coding);
        got.prompt?.writeTo(out);
        assert.ok(got.maxTokens === undefined || got.maxTokens >= 0);
        assert.equal(
          typeof got.previousResponse + typeof got.includeUsage + typeof got.choices,
          'stringbooleannumber',
        );
        if (got.model !== '')
          assert.equal(read(Buffer.concat(got.withModel('b')), contentType, coding).model, 'b');
      },
    ),
    { numRuns: 1000 },
  );
});
