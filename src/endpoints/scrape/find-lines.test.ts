import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineFinder } from './find-lines.ts';

test('lines of a metric are those that begin with its whole name', () => {
  const finder = new LineFinder(['up', 'requests', 'up']);
  const text =
    '# HELP up x\n# TYPE up gauge\nup 1\nup_total 2\nrequests{a="\\n"} 3\n up 4\nsetup 5\nup\t6\nup';
  const found = finder.find(Buffer.from(text));
  assert.deepEqual(
    [...found].map(([name, offsets]) => [name, offsets.map(offset => text.slice(offset).split('\n', 1)[0])]),
    [
      ['up', [' 1', '\t6']],
      ['requests', ['{a="\\n"} 3']],
    ],
  );
  assert.equal(finder.find(Buffer.alloc(0)).size, 0);
});
