import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { piecesOf } from '../answer/pieces-for-test.ts';
import { jsonPlaces } from './json-places.ts';
import { JsonScanner, MAX_TOKEN_BYTES } from './json-scanner.ts';
import { unquotedTextAt } from './json-text.ts';

const FACTS = {
  a: 'a',
  'b.c': 'b.c',
  'b.d.e': 'b.d.e',
  'l[].a': 'l[].a',
  'l[].l[]': 'l[].l[]',
  '[].a': '[].a',
  f: 'filled',
};
const PLACES = jsonPlaces<string>(FACTS, 'filled');

type Told = readonly [fact: string, value: unknown];

function scanned(bytes: Buffer, sizes: readonly number[]): Told[] {
  const told: Told[] = [];
  const scanner = new JsonScanner<string>(PLACES, {
    filled: fact => told.push([fact, true]),
    text: (fact, piece, from, to) => told.push([fact, unquotedTextAt(piece, from, to, MAX_TOKEN_BYTES)]),
    word: (fact, piece, from, to) => told.push([fact, JSON.parse(piece.toString('utf8', from, to))]),
  });
  for (const piece of piecesOf(bytes, sizes)) scanner.push(piece, 0, piece.length);
  return told;
}

/** No other key can be taken for the way to a place. */
function stepOf(key: string): string {
  return /^[a-l]$/.test(key) ? key : '?';
}

/** What stands at the places of a value, in the order in which it is written. */
function expected(value: unknown): Told[] {
  const told: Told[] = [];
  const walk = (at: unknown, path: string) => {
    const isFull =
      typeof at === 'string'
        ? at !== ''
        : typeof at === 'object' && at !== null && Object.keys(at).length > 0;
    if (path === 'f') {
      if (isFull) told.push(['filled', true]);
    } else if (typeof at !== 'object' || at === null) {
      if (Object.hasOwn(FACTS, path))
        told.push([path, typeof at === 'string' ? Buffer.from(at).toString() : at]);
    } else if (Array.isArray(at)) for (const one of at) walk(one, `${path}[]`);
    else
      for (const [key, one] of Object.entries(at))
        walk(one, `${path}${path === '' ? '' : '.'}${stepOf(key)}`);
  };
  walk(value, '');
  return told;
}

const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 90 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(null, true, -0.5, 1e30),
);
const tree = fc.letrec(tie => ({
  value: fc.oneof({ depthSize: 'medium' }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(
    fc.oneof(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'l'), fc.string({ unit: 'binary' })),
    tie('value'),
    {
      maxKeys: 6,
    },
  ),
}));
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });

test('what JSON.parse finds at the places is told, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(
      fc.oneof(tree.object, tree.list),
      fc.constantFrom(undefined, 2),
      sizes,
      (value, indent, split) => {
        const text = JSON.stringify(value, undefined, indent);
        // What JSON can hold: no -0.
        assert.deepEqual(scanned(Buffer.from(text), split), expected(JSON.parse(text)));
      },
    ),
    { numRuns: 1000 },
  );
});

test('keys and texts may be written as escapes', () => {
  const told = [['b.c', 'a"\\é😀']];
  fc.assert(
    fc.property(sizes, split => {
      assert.deepEqual(
        scanned(Buffer.from('{"\\u0062":{"\\u0063":"a\\"\\\\\\u00e9\\ud83d\\ude00"}}'), split),
        told,
      );
    }),
  );
});

test('a token that is too long is not told, in one piece or in many; what follows it is', () => {
  const long = 'x'.repeat(MAX_TOKEN_BYTES);
  for (const split of [[100_000], [7], [1000, 1]]) {
    assert.deepEqual(scanned(Buffer.from(`{"a":"${long}"}`), split), [['a', long]]);
    const body = `{"a":"${long}x","${long}x":1,"b":{"c":1${'0'.repeat(MAX_TOKEN_BYTES)},"c":2}}`;
    assert.deepEqual(scanned(Buffer.from(body), split), [['b.c', 2]]);
  }
});
