import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { printable, printableLine } from '../../kernel/index.ts';
import { formatDecision } from './printed-decision.ts';
import { formatTable } from './table.ts';

const ACTING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/;
const HOSTILE = 'm\u001b]0;owned\u0007\u009b2J\u202egnp.exe\r\nVerdict:     picked';

test('nothing that a terminal acts on is printed, and JSON stays the same JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      assert.doesNotMatch(printable(text), ACTING);
      assert.doesNotMatch(printableLine(text), /[\n\t]/);
      assert.deepEqual(JSON.parse(printable(JSON.stringify({ text }))), { text });
    }),
  );
  assert.equal(printable('a\u001b[31mb\n\tü 模型'), 'a\\u001b[31mb\n\tü 模型');
});

test('a model name cannot put lines of its own into what explain prints', () => {
  const text = formatDecision({
    requestId: 'id',
    atMs: 0,
    verdict: 'shed',
    reason: HOSTILE,
    model: HOSTILE,
    candidates: [],
  });
  assert.doesNotMatch(text, ACTING);
  assert.equal(text.match(/^Verdict:/gm)?.length, 1);
});

test('a cell of a table stays in its line', () => {
  const lines = formatTable(['NAME', 'MODEL'], [[HOSTILE, HOSTILE]]).split('\n');
  assert.equal(lines.length, 3);
  assert.doesNotMatch(lines.join(''), ACTING);
});
