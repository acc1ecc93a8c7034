import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecurringHeader } from './recurring-header.ts';

test('a value is what its bytes say, whatever was said before', () => {
  const value = fc.oneof(
    fc.constantFrom('', '/v1/chat/completions', '/v1/chat/completiont', 'é', 'Ã©', 'x'.repeat(200)),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.boolean()), { minLength: 1, maxLength: 8 }), said => {
      const header = new RecurringHeader();
      for (const [text, latin1] of said) {
        const bytes = Buffer.from(text, latin1 ? 'latin1' : 'utf8');
        const among = Buffer.concat([Buffer.from('ab'), bytes, Buffer.from('cd')]);
        assert.equal(header.text(among, 2, 2 + bytes.length), bytes.toString('utf8'));
      }
    }),
  );
});

test('a value that recurs is not made anew', () => {
  const header = new RecurringHeader();
  const first = header.text(Buffer.from('POST'), 0, 4);
  const bytes = Buffer.from('POST');
  bytes.toString = () => assert.fail('made anew');
  assert.equal(header.text(bytes, 0, 4), first);
});
