import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EndpointTable } from '../endpoints/index.ts';
import { askedFor } from './asked-for-test.ts';
import { PickLog } from './pick-log.ts';
import { PrefixTable } from './prefix-table.ts';
import { BLOCK_BYTES, MAX_BLOCKS, PromptBlocks } from './prompt-blocks.ts';

test('what workers have in flight adds up, and a dead one gives back its share', () => {
  const table = EndpointTable.create(3, 2);
  const [one, two] = [EndpointTable.attach(table.shared, 1), EndpointTable.attach(table.shared, 2)];
  one.enter(0);
  one.enter(0);
  two.enter(0);
  two.enter(1);
  assert.deepEqual([table.inFlight(0), table.inFlight(1)], [3, 1]);
  table.reclaim(1);
  assert.deepEqual([table.inFlight(0), table.inFlight(1)], [1, 1]);
  two.leave(0);
  two.leave(1);
  assert.deepEqual([table.inFlight(0), table.inFlight(1)], [0, 0]);
});

test('equal prompts have equal blocks, and differ from the block on where they differ', () => {
  const blocks = (text: string, model = 1) => {
    const prompt = new PromptBlocks();
    prompt.read(askedFor({ messages: [{ role: 'user', content: text }] }).prompt, model);
    return [...prompt.hashes.subarray(0, prompt.count)];
  };
  const role = 'user'.length;
  fc.assert(
    fc.property(fc.string({ minLength: 200, maxLength: 600 }), fc.nat(), (text, seed) => {
      const at = seed % text.length;
      const other = `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`;
      const [a, b] = [blocks(text), blocks(other)];
      assert.equal(a.length, Math.min(MAX_BLOCKS, Math.floor((text.length + role) / BLOCK_BYTES)));
      const same = Math.floor((at + role) / BLOCK_BYTES);
      assert.deepEqual(a.slice(0, same), b.slice(0, same));
      if (same < a.length) assert.notEqual(a[same], b[same]);
      if (a.length > 0) assert.notEqual(a[0], blocks(text, 2)[0]);
    }),
  );
});

test('every form of prompt has blocks; a body without one has none', () => {
  const count = (json: unknown) => {
    const prompt = new PromptBlocks();
    prompt.read(askedFor(json).prompt, 0);
    return prompt.count;
  };
  const long = 'x'.repeat(BLOCK_BYTES * 2);
  assert.equal(count({ prompt: long }), 2);
  assert.equal(count({ prompt: [long, long] }), 4);
  assert.equal(count({ prompt: Array.from({ length: 33 }, (_, i) => i) }), 2);
  assert.equal(count({ messages: [{ role: '', content: [{ type: 'text', text: long }] }] }), 2);
  assert.equal(count({ input: long }), 2);
  assert.equal(count({ messages: [null, 7, { content: null }] }), 0);
  assert.equal(count('text'), 0);
  assert.equal(count({ prompt: 'y'.repeat(1_000_000) }), MAX_BLOCKS);
});

test('a prefix is matched up to the first block that is not there, for each endpoint by itself', () => {
  const table = PrefixTable.create(1 << 10);
  const blocks = Int32Array.from([11, 22, 33, 44]);
  table.add(blocks, 3, 5, 1);
  assert.equal(table.matched(blocks, 4, 5), 3);
  assert.equal(table.matched(blocks, 4, 6), 0);
  assert.equal(table.matched(Int32Array.from([11, 99, 33]), 3, 5), 1);
  assert.equal(PrefixTable.attach(table.shared).matched(blocks, 4, 5), 3);
});

test('the table stays bounded: old prefixes make room for new ones, the newest is always there', () => {
  const table = PrefixTable.create(1 << 6);
  for (let i = 1; i <= 10_000; i++) {
    const blocks = Int32Array.from([i * 7919]);
    table.add(blocks, 1, 0, i);
    assert.equal(table.matched(blocks, 1, 0), 1);
  }
});

test('the log of picks is a ring: an entry that was overwritten is gone, not wrong', () => {
  const log = new PickLog(70);
  const profile = { scorers: ['s'], weights: Float64Array.of(1) };
  const starts = Array.from({ length: 12 }, (_, i) => {
    const start = log.begin(3, 1);
    for (let c = 0; c < 3; c++) log.candidate(start, c, 1, i, 0, 0, 0, Number.POSITIVE_INFINITY, 0);
    return start;
  });
  const read = starts.map(start => log.read({ start, endpoints: ['a', 'b', 'c'], profile }));
  read.forEach((candidates, i) => {
    if (candidates !== undefined) for (const { inFlight } of candidates) assert.equal(inFlight, i);
  });
  assert.ok(read[11] !== undefined && read[0] === undefined);
  assert.equal(log.begin(1000, 1), -1, 'an entry larger than the ring is not kept');
});
