import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeStatusMessage, encodeStatusMessage, statusIn } from './grpc-status.ts';
import { readTimeoutMs, timeoutText } from './grpc-timeout.ts';

test('any message of a status comes back as it was, in printable ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), message => {
      const encoded = encodeStatusMessage(message);
      assert.match(encoded, /^[ -~]*$/);
      assert.equal(decodeStatusMessage(encoded), message);
    }),
  );
});

test('what is no percent-encoding stays as it is; a long message is cut', () => {
  assert.equal(decodeStatusMessage('100% of %zz'), '100% of %zz');
  assert.equal(decodeStatusMessage('%C3%A4%'), 'ä%');
  assert.equal(statusIn({ 'grpc-status': '13', 'grpc-message': 'x'.repeat(1e6) })?.message.length, 200);
  assert.equal(statusIn({}), undefined);
});

test('time-outs: what is written is read, never shorter; what is none is refused', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2 ** 31, noNaN: true }), ms => {
      const read = readTimeoutMs(timeoutText(ms)) ?? -1;
      assert.ok(read >= ms && read <= Math.max(1, ms + 1000), `${ms} ${read}`);
    }),
  );
  assert.deepEqual(
    ['2H', '3M', '4S', '5m', '6000u', '7000000n'].map(readTimeoutMs),
    [7_200_000, 180_000, 4000, 5, 6, 7],
  );
  for (const text of ['', '1', 'S', '-1S', '1.5S', '123456789m', '1 S', '1s'])
    assert.equal(readTimeoutMs(text), undefined, text);
});
