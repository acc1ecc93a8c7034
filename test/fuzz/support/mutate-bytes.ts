import type { Chance } from './chance.ts';

/** Pieces that mean something to a parser of HTTP/1.1. */
export const HTTP_PIECES: readonly string[] = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\0',
  '\x7f',
  '\xff\xfe',
  '\x1b[31m',
  '0',
  '1',
  'f',
  '-',
  '+',
  '-1',
  '4294967296',
  '99999999999999999999',
  'HTTP/1.1',
  'GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n',
  'host: b\r\n',
  'content-length: 3\r\n',
  'content-length: 0\r\n',
  'Transfer-Encoding: chunked\r\n',
  'transfer-encoding: gzip\r\n',
  'connection: close\r\n',
  'connection: content-length, x-nonce\r\n',
  'upgrade: websocket\r\nconnection: upgrade\r\n',
  'expect: 100-continue\r\n',
  'content-encoding: gzip\r\n',
  'content-type: multipart/form-data; boundary=b\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
];

/** The same, and what means something in bodies: to what reads JSON and server-sent events. */
const PIECES: readonly string[] = [
  ...HTTP_PIECES,
  '"',
  '\\',
  '\\u0000',
  '{',
  '}',
  '[',
  ']',
  '[[[[[[[[[[[[[[[[',
  '1e999',
  'NaN',
  'null',
  'data: ',
  '\n\n',
  '"model":"other",',
];

/** A message with one to four edits: pieces put in, bytes changed, taken out, doubled, the end cut off. */
export function mutateBytes(message: string, chance: Chance, pieces = PIECES): string {
  let text = message;
  for (let edits = 1 + chance.below(4); edits > 0; edits--) {
    const at = chance.below(text.length + 1);
    const length = 1 + chance.below(chance.of(0.2) ? 64 : 4);
    switch (chance.below(6)) {
      case 0:
      case 1:
        text = text.slice(0, at) + chance.one(pieces) + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + String.fromCharCode(chance.below(256)) + text.slice(at + 1);
        break;
      case 3:
        text = text.slice(0, at) + text.slice(at + length);
        break;
      case 4:
        text = text.slice(0, at + length) + text.slice(at);
        break;
      default:
        if (chance.of(0.3)) text = text.slice(0, at);
    }
  }
  return text;
}

/** The same bytes in one to four pieces. */
export function inPieces(text: string, chance: Chance): string[] {
  const pieces: string[] = [];
  let rest = text;
  for (let cuts = chance.below(4); cuts > 0 && rest.length > 1; cuts--) {
    const at = 1 + chance.below(rest.length - 1);
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...pieces, rest];
}
