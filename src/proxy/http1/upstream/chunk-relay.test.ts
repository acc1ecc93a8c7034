import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventPosition } from '../../codec/event-position.ts';
import { ChunkRelay } from './chunk-relay.ts';

function split(text: string, cuts: readonly number[]): Buffer[] {
  const at = [...cuts.filter(cut => cut < text.length), 0, text.length].sort((a, b) => a - b);
  return at.slice(1).map((to, i) => Buffer.from(text.slice(at[i], to)));
}

function relay(parts: readonly Buffer[], named?: readonly string[]): string {
  const chunks = new ChunkRelay(undefined, named);
  let out = '';
  for (const part of parts) {
    if (part.length === 0) continue;
    out += chunks.push(part)?.toString('latin1') ?? '';
    if (chunks.end !== -1) return out;
  }
  return out;
}

const cuts = fc.array(fc.nat(80), { maxLength: 6 });

test('chunks pass as they are, however they are split', () => {
  const wire = '5\r\nhello\r\n1;a=b\r\nx\r\nA\r\n0123456789\r\n0\r\n\r\n';
  fc.assert(fc.property(cuts, at => assert.equal(relay(split(wire, at)), wire)));
});

test('trailers that speak of framing, of one hop or in our name do not pass, however they are split', () => {
  const fields = [
    'x-t: 1',
    'Content-Length: 3',
    'x-hop: 2',
    'X-Breakwater-Reason: a',
    'x-envoy-overloaded: true',
  ];
  const wire = `5\r\nhello\r\n0;e\r\n${fields.map(each => `${each}\r\n`).join('')}\r\nNEXT`;
  fc.assert(
    fc.property(fc.array(fc.nat(130), { maxLength: 6 }), at =>
      assert.equal(relay(split(wire, at), ['x-hop']), '5\r\nhello\r\n0\r\nx-t: 1\r\n\r\n'),
    ),
  );
});

test('data passes when it comes; only a line of the framing waits', () => {
  const chunks = new ChunkRelay(new EventPosition(), undefined);
  const push = (text: string) => [chunks.push(Buffer.from(text))?.toString(), chunks.betweenEvents];
  assert.ok(chunks.betweenEvents);
  assert.deepEqual(push('9'), [undefined, true]);
  assert.deepEqual(push('\r\ndata:'), ['9\r\ndata:', false]);
  assert.deepEqual(push(' 1\n\n'), [' 1\n\n', false]);
  assert.deepEqual(push('\r\n0'), ['\r\n', true]);
  assert.deepEqual(push('\r\n'), [undefined, true]);
  assert.deepEqual(push('\r\n'), ['0\r\n\r\n', true]);
});
