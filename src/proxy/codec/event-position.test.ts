import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldFacts } from '../http1/header-fields.ts';
import { EventPosition, positionIn } from './event-position.ts';

function after(...parts: readonly string[]): boolean {
  const position = new EventPosition();
  for (const part of parts) {
    const bytes = Buffer.from(part);
    position.push(bytes, 0, bytes.length);
  }
  return position.between;
}

for (const [parts, between] of [
  [[''], true],
  [['data: 1\n\n'], true],
  [['data: 1\r\n\r\n'], true],
  [['data: 1\r\r'], true],
  [['data: 1\n', '\n'], true],
  [['data: 1\r\n', '\r\n'], true],
  [['data: 1\r\n\r', '\n'], true],
  [['data: 1\r', '\n'], false],
  [['data: 1\r\n\r'], true],
  [['data: 1\n'], false],
  [['data: 1'], false],
  [['data: 1\n\ndata: 2'], false],
  [[': ping\n'], true],
  [[': ping'], false],
  [['data: 1\n: ping\n'], false],
  [['data: 1\n: ping\n\n'], true],
  [['data: 1\n\n: ping\r\n'], true],
  [['\n\n\n'], true],
  [['id\n'], false],
] as const) {
  test(`events ${JSON.stringify(parts)}: another may follow: ${between}`, () => {
    assert.equal(after(...parts), between);
  });
}

test('any split of a stream of events gives the same', () => {
  const piece = fc.constantFrom('\n', '\r', '\r\n', 'data: x', ': c', ':', 'a', ' ');
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.nat(60), { maxLength: 4 }),
      (pieces, cuts) => {
        const text = pieces.join('');
        const at = [...cuts.filter(cut => cut <= text.length), 0, text.length].sort((a, b) => a - b);
        const parts = at.slice(1).map((to, i) => text.slice(at[i], to));
        assert.equal(after(...parts), after(...text));
      },
    ),
  );
});

for (const [contentType, contentEncoding, read] of [
  ['text/event-stream', '', true],
  ['Text/Event-Stream ; charset=utf-8', 'Identity', true],
  ['text/event-stream', 'gzip', false],
  ['text/event-stream', 'identity, br', false],
  ['text/event-streams', '', false],
  ['application/json', '', false],
] as const) {
  test(`content of type ${contentType}, coded ${contentEncoding || 'not at all'}: read as events: ${read}`, () => {
    const facts = Object.assign(new FieldFacts(), { contentType, contentEncoding });
    assert.equal(positionIn({ facts }) !== undefined, read);
  });
}
