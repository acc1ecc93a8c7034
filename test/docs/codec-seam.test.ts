import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeFiles, importGraph, SRC } from './import-graph.ts';

/** What HTTP/1.1 is made of on the wire (RFC 9112), as code would write or read it. */
const FRAMING: Readonly<Record<string, RegExp>> = {
  'line ends': /\\r\\n/,
  'start lines': /HTTP\/1/,
  chunks: /\bchunk/i,
  'Transfer-Encoding': /transfer-encoding/i,
  'Content-Length': /content-length/i,
  'Connection and Keep-Alive': /keep-alive|keepAlive|\.push\('connection'/i,
  '100 Continue': /100.continue|expectContinue/i,
  'text as bytes': /latin1/,
  sockets: /\bsocket\b/i,
};

/** Names of fields are the same in every protocol: they are kept in one place, which writes none. */
const NAMES_FIELDS = ['proxy/codec/connection-fields.ts'];
/** Listens, and hands sockets over. */
const ACCEPTS = ['proxy/codec/client-codec.ts', 'proxy/worker/', 'proxy/plane/', 'proxy/embedded-plane.ts'];
const CODEC = 'proxy/http1/';
/** Asks external pickers by gRPC, and keeps codecs' fields from them. */
const GRPC = 'request/external-picker/';
/** Rooms where nothing but a codec may know how messages are written. */
const ROOMS = ['proxy/', 'request/'];

const files = codeFiles().filter(file => ROOMS.some(room => file.startsWith(room)) && !file.startsWith(GRPC));

/** Without comments, which may say why. */
function code(file: string): string {
  return readFileSync(join(SRC, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
}

function isFree(file: string, what: string): boolean {
  if (file.startsWith(CODEC) || NAMES_FIELDS.includes(file)) return true;
  return what === 'sockets' && ACCEPTS.some(path => file.startsWith(path));
}

test('every part of the framing of HTTP/1.1 is found in its codec: what is looked for is what it writes', () => {
  const text = files
    .filter(file => file.startsWith(CODEC))
    .map(code)
    .join('');
  for (const [what, pattern] of Object.entries(FRAMING)) assert.match(text, pattern, what);
});

test('nothing but the codec of HTTP/1.1 knows its framing', () => {
  const known: string[] = [];
  for (const file of files)
    for (const [what, pattern] of Object.entries(FRAMING))
      if (!isFree(file, what) && pattern.test(code(file))) known.push(`${file}: ${what}`);
  assert.deepEqual(known, []);
});

test('a codec is imported by the list of codecs alone, and by its door', () => {
  const imports: string[] = [];
  for (const [file, imported] of importGraph())
    for (const other of imported)
      if (other.startsWith(CODEC) && !file.startsWith(CODEC)) imports.push(`${file} imports ${other}`);
  assert.deepEqual(imports, ['proxy/codecs.ts imports proxy/http1/index.ts']);
});
