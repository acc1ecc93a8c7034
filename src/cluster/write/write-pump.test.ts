import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { until } from '../../../test/support/until.ts';
import { WritePump } from './write-pump.ts';
import { WRITE_QUEUE } from './write-queue.ts';

const QUEUE = { ...WRITE_QUEUE, apartMs: 1, backoffMs: 1, maxBackoffMs: 5 };

/** Objects that are numbers: what is wanted, and what is there. */
function bench(more: { readonly onWrite?: (key: string) => void } = {}) {
  const state = { may: true, faults: [] as string[] };
  const wanted = new Map<string, number>();
  const there = new Map<string, number>();
  const pump = new WritePump({
    queue: QUEUE,
    mayWrite: () => state.may,
    isDue: key => wanted.get(key) !== there.get(key),
    write: async key => {
      more.onWrite?.(key);
      const value = wanted.get(key);
      await new Promise(resolve => setImmediate(resolve));
      if (value === undefined) there.delete(key);
      else there.set(key, value);
      return false;
    },
    onFault: (key, { message }) => state.faults.push(`${key}: ${message}`),
  });
  const want = (key: string, value: number) => {
    wanted.set(key, value);
    pump.resume([key]);
  };
  const isDone = () => [...wanted].every(([key, value]) => there.get(key) === value);
  return { pump, state, wanted, there, want, isDone };
}

test('what was wanted in a lapse of leadership that nobody told of is written once it is over', async () => {
  const { pump, state, want, isDone } = bench();
  want('before', 1);
  state.may = false;
  want('in the lapse', 1);
  want('before', 2);
  state.may = true;
  await until('all is written', isDone);
  pump.close();
});

test('what waits in the queue as leadership lapses is written once it is over', async () => {
  const { pump, state, want, isDone } = bench({
    onWrite: () => {
      state.may = false;
    },
  });
  for (let i = 0; i < 20; i++) want(String(i), i);
  const back = setInterval(() => {
    state.may = true;
  }, 5);
  await until('all is written', isDone, 20_000);
  clearInterval(back);
  pump.close();
});

test('a write that throws costs its object alone, is told, and tried again', async () => {
  let throws = 3;
  const { pump, state, want, isDone } = bench({
    onWrite: key => {
      if (key === 'odd' && throws-- > 0) throw new RangeError('odd value');
    },
  });
  want('odd', 1);
  want('even', 1);
  await until('all is written', isDone);
  assert.deepEqual(state.faults, Array(3).fill('odd: odd value'));
  pump.close();
});

test('at any interleaving of edits and lapses, in the end all is as wanted', async () => {
  const steps = fc.array(
    fc.record({ key: fc.integer({ min: 0, max: 5 }), may: fc.boolean(), pause: fc.boolean() }),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async script => {
      const { pump, state, want, isDone } = bench();
      for (const [i, { key, may, pause }] of script.entries()) {
        state.may = may;
        want(String(key), i);
        if (pause) await new Promise(resolve => setImmediate(resolve));
      }
      state.may = true;
      await until('all is written', isDone);
      pump.close();
    }),
    { numRuns: 8 },
  );
});
