import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from './engine.ts';

test('a sequence waits when a step has begun without it, not while it has only just come', () => {
  const engine = new Engine(
    {
      blocks: 64,
      blockSizeTokens: 16,
      maxNumSeqs: 2,
      maxNumBatchedTokens: 2048,
      enablePrefixCaching: false,
      maxLoras: 1,
      maxCpuLoras: 1,
    },
    { generated() {}, finished() {}, preempted() {}, stepped() {}, lorasChanged() {}, prefixLookedUp() {} },
  );
  const add = () =>
    engine.add(
      {
        promptTokens: [1, 2, 3],
        maxTokens: 8,
        source: { next: () => 1, finished: undefined },
        lora: '',
        cacheSalt: '',
        n: 1,
      },
      0,
    );
  add();
  engine.begin(0);
  for (let i = 0; i < 7; i++) add();
  assert.deepEqual([engine.running, engine.waiting, engine.unfinished], [1, 0, 8]);
  engine.end(1);
  engine.begin(1);
  assert.deepEqual([engine.running, engine.waiting], [2, 6]);
});
