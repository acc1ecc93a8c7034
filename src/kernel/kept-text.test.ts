import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { KEPT_CHARACTERS, keptText } from './kept-text.ts';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** What is free of what was collected is known a little later. */
async function memoryBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise(resolve => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A text of two megabytes that is nobody's but the heap's. */
function long(i: number): string {
  const body = Buffer.alloc(2_000_000, 0x61 + (i % 26));
  return JSON.parse(`"${body.toString('latin1')}"`);
}

test('what is kept of a long text is short, and does not keep the text', async () => {
  const before = await memoryBytes();
  const kept: string[] = [];
  for (let i = 0; i < 300; i++) {
    const text = long(i);
    kept.push(keptText(text), keptText(text.slice(10, 60)));
  }
  const more = (await memoryBytes()) - before;
  assert.ok(more < 20_000_000, `${more} bytes of 600,000,000 stay`);
  assert.equal(kept[0]?.length, KEPT_CHARACTERS + 1);
  assert.equal(kept[3], 'b'.repeat(50));
});
