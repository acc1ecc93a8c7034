import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked } from './asked.ts';

const part = (head: string, content: string | Buffer) =>
  Buffer.concat([Buffer.from(`--b\r\n${head}\r\n\r\n`), Buffer.from(content as string), Buffer.from('\r\n')]);
const END = Buffer.from('--b--\r\n');
const AUDIO = part(
  'Content-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/wav',
  Buffer.from(Array.from({ length: 10_000 }, (_, i) => i % 256)),
);
const MODEL = (value: string) => part('content-disposition: form-data; name="model"', value);

function read(parts: readonly Buffer[], contentType = 'multipart/form-data; boundary=b') {
  return asked(Buffer.concat(parts), { contentType, contentEncoding: '' });
}

test("a form's model is found before and after its file, and is put in anew", () => {
  for (const parts of [
    [MODEL('whisper'), AUDIO, END],
    [AUDIO, MODEL('whisper'), END],
    [AUDIO, MODEL('other'), MODEL('whisper'), END],
  ]) {
    const got = read(parts);
    assert.equal(got.model, 'whisper');
    const again = read(got.withModel('whisper-v2'));
    assert.equal(again.model, 'whisper-v2');
    assert.ok(Buffer.concat(got.withModel('w')).includes(AUDIO));
  }
  assert.equal(read([MODEL('m'), END], 'Multipart/Form-Data; charset=utf-8; boundary="b"').model, 'm');
  assert.equal(read([Buffer.from('preamble\r\n'), MODEL('m'), END]).model, 'm');
});

test('a form without a model, without a boundary or without an end is a request without a model', () => {
  for (const got of [
    read([AUDIO, END]),
    read([part('Content-Disposition: form-data; name="model"; filename="x"', 'm'), END]),
    read([part('Content-Disposition: form-data; name="models"', 'm'), END]),
    read([Buffer.from('--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm')]),
    read([MODEL('m'), END], 'multipart/form-data; boundary=other'),
    read([Buffer.from('--b--\r\n'), MODEL('m')]),
  ]) {
    assert.equal(got.model, '');
    assert.equal(got.unread, undefined);
  }
});

test('a form of very many parts is unread', () => {
  const parts = Array.from({ length: 2000 }, () => part('Content-Disposition: form-data; name="a"', ''));
  assert.notEqual(read([...parts, MODEL('m'), END]).unread, undefined);
});

test('a form says whether its answer is to stream, and with its usage', () => {
  const field = (name: string, value: string) =>
    part(`Content-Disposition: form-data; name="${name}"`, value);
  const got = read([MODEL('m'), field('stream', 'True'), field('stream_include_usage', '1'), AUDIO, END]);
  assert.deepEqual([got.model, got.stream, got.includeUsage], ['m', true, true]);
  const not = read([field('stream', 'false'), MODEL('m'), END]);
  assert.deepEqual([not.stream, not.includeUsage], [false, false]);
});
