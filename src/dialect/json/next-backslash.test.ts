import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NextBackslash } from './next-backslash.ts';

test('the next backslash is where indexOf finds it, whatever was asked before', () => {
  const bytes = fc.array(fc.constantFrom(0x5c, 0x61, 0x61, 0x61), { maxLength: 40 });
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(40), { maxLength: 20 }), (values, places) => {
      const text = Buffer.from(values);
      const backslash = new NextBackslash(text);
      for (const place of places.map(at => Math.min(at, text.length))) {
        const found = text.indexOf(0x5c, place);
        assert.equal(backslash.after(place), found === -1 ? text.length : found);
      }
    }),
  );
});
