import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fault, guarded, toError } from './guard.ts';
import { RepeatedTask } from './repeated-task.ts';
import { VirtualClock } from './virtual-clock-for-test.ts';

const { clock } = VirtualClock.use();

test('what a guarded callback throws is told, also when it is no error, also when it comes later', async () => {
  const told: Fault[] = [];
  const onFault = (fault: Fault) => told.push(fault);
  guarded('sync', onFault, () => {
    throw 'a word';
  })();
  guarded('async', onFault, async (text: string) => {
    throw new RangeError(text);
  })('later');
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual(
    told.map(({ task, error }) => [task, error.message]),
    [
      ['sync', 'a word'],
      ['async', 'later'],
    ],
  );
});

test('a teller that throws ends nothing, and was told', () => {
  const told: string[] = [];
  guarded(
    'x',
    ({ error }) => {
      told.push(error.message);
      throw new Error('the teller');
    },
    () => {
      throw new Error('the task');
    },
  )();
  assert.deepEqual(told, ['the task']);
});

test('a thrown value without a text becomes an error', () => {
  assert.equal(toError(Object.create(null)).message, 'a value that has no text');
});

test('a task that fails goes on, slower each time, and as fast as before once it is well', async () => {
  const told: Fault[] = [];
  let fails = true;
  const task = new RepeatedTask(
    { task: 'look', everyMs: 100, maxBackoffMs: 300, onFault: fault => told.push(fault) },
    () => {
      if (fails) throw new Error('no');
    },
  ).start();
  assert.deepEqual([await clock.step(), await clock.step(), await clock.step()], [0, 100, 200]);
  fails = false;
  assert.equal(await clock.step(), 300);
  assert.equal(clock.waitingMs[0], 100);
  assert.deepEqual(
    told.map(({ failures, againInMs }) => [failures, againInMs]),
    [
      [1, 100],
      [2, 200],
      [3, 300],
    ],
  );
  task.stop();
  assert.equal(clock.waitingMs.length, 0);
});

test('a task without a beat runs when it is asked for, and again when what it did failed', async () => {
  const told: Fault[] = [];
  let runs = 0;
  const task = new RepeatedTask({ task: 'look', onFault: fault => told.push(fault) }, () => {
    if (++runs <= 2) throw new Error('no');
  });
  assert.equal(clock.waitingMs.length, 0);
  task.soon();
  task.soon();
  assert.deepEqual([await clock.step(), await clock.step(), await clock.step()], [0, 1000, 2000]);
  assert.deepEqual([runs, clock.waitingMs.length], [3, 0]);
  assert.deepEqual(
    told.map(({ againInMs }) => againInMs),
    [1000, 2000],
  );
});

test('a task with a long beat that failed is tried again soon', async () => {
  let runs = 0;
  const options = { task: 'look', everyMs: 3_600_000, backoffMs: 1000, onFault: () => {} };
  const task = new RepeatedTask(options, () => {
    if (++runs === 1) throw new Error('no');
  }).start();
  assert.deepEqual([await clock.step(), await clock.step(), clock.waitingMs[0]], [0, 1000, 3_600_000]);
  task.soon();
  assert.equal(await clock.step(), 0);
});

test('what is asked for while it runs is done afterwards', async () => {
  const task: RepeatedTask = new RepeatedTask({ task: 'look', onFault: () => {} }, () => task.soon(5));
  task.soon();
  assert.deepEqual([await clock.step(), await clock.step()], [0, 5]);
  task.stop();
});
