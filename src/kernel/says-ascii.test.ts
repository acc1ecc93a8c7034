import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { saysAscii } from './says-ascii.ts';

test('bytes say a text of ASCII where they are its bytes, and never say another', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\\', '\u007f', 'é', '\u0080'), maxLength: 3 });
  fc.assert(
    fc.property(text, text, fc.boolean(), (said, known, latin1) => {
      const bytes = Buffer.from(said, latin1 ? 'latin1' : 'utf8');
      const among = Buffer.concat([Buffer.from('a'), bytes, Buffer.from('b')]);
      const isAscii = !/[^\0-\x7f]/.test(said);
      assert.equal(saysAscii(among, 1, 1 + bytes.length, known), isAscii && said === known);
    }),
  );
});
