import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyBytes } from '../../codec/body-bytes.ts';
import type { UpstreamRequest } from '../../codec/upstream-request.ts';
import { requestHead } from './request-writer.ts';

function head(parts: Partial<UpstreamRequest>): string {
  return requestHead({
    method: 'POST',
    target: '/p?q=1',
    headers: ['host', 'a', 'x-b', '1'],
    upgrade: undefined,
    whole: true,
    body: undefined,
    bodyLength: 0,
    saysEmpty: false,
    ...parts,
  });
}

const LINES = 'POST /p?q=1 HTTP/1.1\r\nhost: a\r\nx-b: 1\r\n';

for (const [what, parts, framing] of [
  ['no body', {}, ''],
  ['an empty body that is expected', { saysEmpty: true }, 'content-length: 0\r\n'],
  ['a whole body', { body: new BodyBytes([Buffer.from('abc')]), bodyLength: -1 }, 'content-length: 3\r\n'],
  ['an empty body that was chunked', { body: new BodyBytes([Buffer.from('')]), bodyLength: -1 }, ''],
  ['a body of known length that is streamed', { bodyLength: 7 }, 'content-length: 7\r\n'],
  ['a body of unknown length', { bodyLength: -1 }, 'transfer-encoding: chunked\r\n'],
  ['an upgrade', { upgrade: 'websocket' }, 'connection: upgrade\r\nupgrade: websocket\r\n'],
] as const) {
  test(`the head of ${what}`, () => assert.equal(head(parts), `${LINES}${framing}\r\n`));
}
