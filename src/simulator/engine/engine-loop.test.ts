import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../kernel/index.ts';
import { engineForTest, ManualClock, request } from './engine-for-test.ts';
import { EngineLoop } from './engine-loop.ts';
import { DEFAULT_TIMING, kvBlocks, type Timing } from './timing.ts';

function loopForTest(timing: Partial<Timing> = {}, seed = 1) {
  const clock = new ManualClock();
  const { engine } = engineForTest({ blocks: 1000, maxNumBatchedTokens: 2048, maxNumSeqs: 256 });
  return {
    clock,
    engine,
    loop: new EngineLoop(engine, { ...DEFAULT_TIMING, ...timing }, clock, seededRandom(seed)),
  };
}

test("the page's request: the first token at once, the hundredth after 2.5 s", () => {
  const { clock, loop } = loopForTest();
  const sequence = loop.add(request(15, 100));
  clock.runUntil();
  assert.equal(Math.round(sequence.firstTokenMs), 27);
  assert.equal(Math.round(sequence.lastTokenMs), 2502);
});

test('a step costs more with more sequences, and with the prompt tokens in it', () => {
  const { clock, loop } = loopForTest();
  const sequences = Array.from({ length: 101 }, (_, index) =>
    loop.add(request(10, 11, { cacheSalt: String(index) })),
  );
  clock.runUntil();
  // 25 + 100 further sequences × 0.1, and 1010 prompt tokens × 0.1.
  assert.equal(Math.round(sequences[0]!.firstTokenMs), 136);
  assert.equal(Math.round(sequences[0]!.lastTokenMs - sequences[0]!.firstTokenMs), 10 * 35);
});

test('a sequence that comes during a step waits for its end', () => {
  const { clock, loop } = loopForTest({ prefillMsPerToken: 0, decodeMsPerSequence: 0 });
  loop.add(request(4, 10));
  clock.runUntil(30);
  const second = loop.add(request(4, 1));
  clock.runUntil(49);
  assert.equal(second.state, 'waiting');
  clock.runUntil();
  assert.equal(second.scheduledMs, 50);
  assert.equal(second.lastTokenMs, 75);
});

test('jitter is the same for the same seed, and another for another', () => {
  const times = (seed: number) => {
    const { clock, loop } = loopForTest({ jitter: 0.5 }, seed);
    const sequence = loop.add(request(4, 20));
    clock.runUntil();
    return sequence.lastTokenMs;
  };
  assert.equal(times(7), times(7));
  assert.notEqual(times(7), times(8));
});

test('an aborted request leaves the engine idle', () => {
  const { clock, engine, loop } = loopForTest();
  const sequence = loop.add(request(4, 1000));
  clock.runUntil(60);
  loop.abort(sequence);
  assert.deepEqual([engine.running, engine.kvUsage], [0, 0]);
  clock.runUntil();
  const next = loop.add(request(4, 1));
  clock.runUntil();
  assert.equal(next.state, 'done');
});

test('KV blocks follow from the memory that utilization leaves beside the weights', () => {
  const memory = { blockSizeTokens: 16, maxModelLen: 4096, gpuMemoryUtilization: 0.8, gpus: 1 };
  // 24 GiB × 0.8 - 13 - 0.5 = 5.7 GiB, at 0.5 MiB a token.
  assert.equal(kvBlocks(DEFAULT_TIMING, memory), Math.floor((5.7 * 1024 * 2) / 16));
  assert.equal(kvBlocks(DEFAULT_TIMING, { ...memory, gpuMemoryUtilization: 0.1 }), 256);
});
