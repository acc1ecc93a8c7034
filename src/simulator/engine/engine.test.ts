import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Engine } from './engine.ts';
import { engineForTest, request } from './engine-for-test.ts';
import type { Sequence } from './token-sequence.ts';

/** Steps until nothing is left to do. @returns how many */
function drain(engine: Engine, most = 10_000): number {
  for (let steps = 0; steps < most; steps++) {
    if (engine.begin(steps) === undefined) return steps;
    engine.end(steps);
  }
  throw new Error(`still at work after ${most} steps`);
}

function step(engine: Engine): ReturnType<Engine['begin']> {
  const work = engine.begin(0);
  if (work !== undefined) engine.end(0);
  return work;
}

test('no more sequences run than --max-num-seqs; the others wait in their order', () => {
  const { engine, recorder } = engineForTest({ maxNumSeqs: 2 });
  const sequences = [3, 1, 1, 1].map(answer => engine.add(request(4, answer), 0));
  step(engine);
  // The second has ended in the step and made room.
  assert.deepEqual([engine.running, engine.waiting], [1, 2]);
  step(engine);
  assert.deepEqual(
    sequences.map(({ state }) => state),
    ['running', 'done', 'done', 'waiting'],
  );
  drain(engine);
  assert.deepEqual(recorder.finishes, ['length', 'length', 'length', 'length']);
});

test('a long prompt is computed in parts of --max-num-batched-tokens while others go on', () => {
  const { engine } = engineForTest({ maxNumBatchedTokens: 8, enablePrefixCaching: false });
  const short = engine.add(request(2, 50), 0);
  step(engine);
  const long = engine.add(request(20, 1), 0);
  const parts: number[] = [];
  while (long.state !== 'done') parts.push(step(engine)!.prefillTokens);
  // One of the 8 tokens is the short one's next.
  assert.deepEqual(parts, [7, 7, 6]);
  assert.equal(short.generated, 4);
});

test('KV blocks: used while a sequence runs, preempted when there are none, free at the end', () => {
  const { engine, recorder } = engineForTest({ blocks: 8, enablePrefixCaching: false });
  const first = engine.add(request(12, 12), 0);
  const second = engine.add(request(12, 12), 0);
  step(engine);
  assert.equal(engine.kvUsage, 6 / 8);
  drain(engine);
  assert.ok(recorder.preemptions > 0);
  // Whoever came last makes room, and begins again later.
  assert.equal(first.preemptions, 0);
  assert.equal(second.preemptions, recorder.preemptions);
  assert.equal(second.generated, 12);
  assert.equal(engine.kvUsage, 0);
});

test('a prompt that was there before is found in the prefix cache, but for its last token', () => {
  const { engine, recorder } = engineForTest();
  engine.add(request(17, 1), 0);
  drain(engine);
  engine.add(request(17, 1), 0);
  engine.add(request(16, 1), 0);
  engine.add(request(17, 1, { cacheSalt: 'other' }), 0);
  const work = engine.begin(0)!;
  engine.end(0);
  assert.deepEqual(recorder.lookups, [
    [17, 0],
    [17, 16],
    [16, 12],
    [17, 0],
  ]);
  assert.equal(work.prefillTokens, 1 + 4 + 17);
});

test('adapters: as many at once as --max-loras, the others wait, loading is paid once', () => {
  const { engine, recorder } = engineForTest({ maxLoras: 1, maxCpuLoras: 1 });
  engine.add(request(4, 2, { lora: 'a' }), 0);
  engine.add(request(4, 1, { lora: 'b' }), 0);
  engine.add(request(4, 1), 0);
  const work = step(engine)!;
  assert.deepEqual([work.lorasLoaded, work.sequences], [1, 2]);
  assert.equal(recorder.loras, 'a|b');
  assert.deepEqual([engine.waiting, engine.deferred], [1, 1]);
  assert.equal(step(engine)!.lorasLoaded, 0);
  assert.equal(step(engine)!.lorasLoaded, 1);
  assert.equal(recorder.loras, '|');
});

test('what is aborted holds nothing from then on, whatever it was doing', () => {
  const { engine, recorder } = engineForTest({ maxNumSeqs: 1 });
  const running = engine.add(request(8, 100), 0);
  const waiting = engine.add(request(8, 100), 0);
  engine.begin(0);
  engine.abort(running, 1);
  engine.abort(waiting, 1);
  assert.deepEqual([engine.running, engine.waiting, engine.kvUsage], [0, 0, 0]);
  engine.end(2);
  engine.abort(running, 3);
  assert.equal(running.generated, 0);
  assert.deepEqual(recorder.finishes, ['abort', 'abort']);
});

test('any interleaving of arrivals, steps and aborts ends with nothing held', () => {
  const arrival = fc.record({
    tokens: fc.integer({ min: 1, max: 40 }),
    answer: fc.integer({ min: 1, max: 20 }),
    lora: fc.constantFrom('', 'a', 'b', 'c'),
  });
  const action = fc.oneof(arrival, fc.constant('step' as const), fc.record({ abort: fc.nat() }));
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), fc.boolean(), (actions, enablePrefixCaching) => {
      // The longest sequence just fits.
      const { engine, recorder } = engineForTest({ blocks: 15, enablePrefixCaching, maxLoras: 2 });
      const sequences: Sequence[] = [];
      for (const what of actions) {
        if (what === 'step') step(engine);
        else if ('abort' in what) {
          const victim = sequences[what.abort % Math.max(1, sequences.length)];
          if (victim !== undefined) engine.abort(victim, 0);
        } else sequences.push(engine.add(request(what.tokens, what.answer, { lora: what.lora }), 0));
        assert.ok(engine.running <= 4 && engine.kvUsage <= 1);
      }
      drain(engine);
      assert.deepEqual([engine.running, engine.waiting, engine.kvUsage], [0, 0, 0]);
      assert.equal(recorder.finishes.length, sequences.length);
      assert.match(recorder.loras, /^\|?$/);
    }),
  );
});
