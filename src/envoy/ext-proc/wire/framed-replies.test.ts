import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { frameMessages } from '../../../wire/index.ts';
import type { PickerReply } from '../message.ts';
import { encodeReply } from './encode.ts';
import { framedReplies } from './framed-replies.ts';

const text = fc.constantFrom('a:1', 'a:1,b:2', 'b:2');
const some = fc.constantFrom(undefined, Buffer.from(''), Buffer.from('{"model":"x"}'));
const reply: fc.Arbitrary<PickerReply> = fc.oneof(
  fc.record({
    kind: fc.constant('picked' as const),
    phase: fc.constantFrom('request-headers' as const, 'request-body' as const),
    destination: text,
    clearRouteCache: fc.boolean(),
    repeatable: fc.constantFrom(true, false),
    contentLength: fc.constantFrom(undefined, 13),
    changes: fc.constantFrom(undefined, { set: [{ name: 'x', value: 'y' }], add: [], remove: ['z'] }),
    body: some,
  }),
  fc.record({
    kind: fc.constant('body' as const),
    phase: fc.constantFrom('request-body' as const, 'response-body' as const),
    body: fc.integer({ min: 0, max: 70_000 }).map(size => Buffer.alloc(size, 'x')),
    endOfStream: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('continue' as const),
    phase: fc.constantFrom(
      'request-headers' as const,
      'response-headers' as const,
      'request-trailers' as const,
    ),
  }),
  fc.record({ kind: fc.constant('response-headers' as const), set: fc.constant(['a', 'b']) }),
);

test('answers in one piece are the bytes of each, in their order, whatever was answered before', () => {
  fc.assert(
    fc.property(fc.array(reply, { minLength: 1, maxLength: 4 }), replies => {
      assert.deepEqual(framedReplies(replies), frameMessages(replies.map(encodeReply)));
    }),
  );
});
