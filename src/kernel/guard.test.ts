import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fault, guarded, toError } from './guard.ts';
import { RepeatedTask, type Timers } from './repeated-task.ts';

/** Timers that fire when they are told to. */
class ManualTimers implements Timers {
  readonly started: { ms: number; run: () => void }[] = [];
  start(ms: number, run: () => void): NodeJS.Timeout {
    const timer = { ms, run, unref() {} };
    this.started.push(timer);
    return timer as unknown as NodeJS.Timeout;
  }
  stop(timer: NodeJS.Timeout): void {
    const at = this.started.indexOf(timer as unknown as { ms: number; run: () => void });
    if (at !== -1) this.started.splice(at, 1);
  }
  async fire(): Promise<number> {
    const { ms, run } = this.started.shift() as { ms: number; run: () => void };
    run();
    await new Promise(resolve => setImmediate(resolve));
    return ms;
  }
}

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

test('a teller that throws ends nothing', () => {
  guarded(
    'x',
    () => {
      throw new Error('the teller');
    },
    () => {
      throw new Error('the task');
    },
  )();
});

test('a thrown value without a text becomes an error', () => {
  assert.equal(toError(Object.create(null)).message, 'a value that has no text');
});

test('a task that fails goes on, slower each time, and as fast as before once it is well', async () => {
  const timers = new ManualTimers();
  const told: Fault[] = [];
  let fails = true;
  const task = new RepeatedTask(
    { task: 'look', everyMs: 100, maxBackoffMs: 300, onFault: fault => told.push(fault), timers },
    () => {
      if (fails) throw new Error('no');
    },
  ).start();
  assert.deepEqual([await timers.fire(), await timers.fire(), await timers.fire()], [0, 100, 200]);
  fails = false;
  assert.equal(await timers.fire(), 300);
  assert.equal(timers.started[0]?.ms, 100);
  assert.deepEqual(
    told.map(({ failures, againInMs }) => [failures, againInMs]),
    [
      [1, 100],
      [2, 200],
      [3, 300],
    ],
  );
  task.stop();
  assert.equal(timers.started.length, 0);
});

test('a task without a beat runs when it is asked for, and again when what it did failed', async () => {
  const timers = new ManualTimers();
  const told: Fault[] = [];
  let runs = 0;
  const task = new RepeatedTask({ task: 'look', onFault: fault => told.push(fault), timers }, () => {
    if (++runs <= 2) throw new Error('no');
  });
  assert.equal(timers.started.length, 0);
  task.soon();
  task.soon();
  assert.deepEqual([await timers.fire(), await timers.fire(), await timers.fire()], [0, 1000, 2000]);
  assert.deepEqual([runs, timers.started.length], [3, 0]);
  assert.deepEqual(
    told.map(({ againInMs }) => againInMs),
    [1000, 2000],
  );
});

test('a task with a long beat that failed is tried again soon', async () => {
  const timers = new ManualTimers();
  let runs = 0;
  const options = { task: 'look', everyMs: 3_600_000, backoffMs: 1000, onFault: () => {}, timers };
  const task = new RepeatedTask(options, () => {
    if (++runs === 1) throw new Error('no');
  }).start();
  assert.deepEqual([await timers.fire(), await timers.fire(), timers.started[0]?.ms], [0, 1000, 3_600_000]);
  task.soon();
  assert.equal(await timers.fire(), 0);
});

test('what is asked for while it runs is done afterwards', async () => {
  const timers = new ManualTimers();
  const task: RepeatedTask = new RepeatedTask({ task: 'look', onFault: () => {}, timers }, () =>
    task.soon(5),
  );
  task.soon();
  assert.deepEqual([await timers.fire(), await timers.fire()], [0, 5]);
  task.stop();
});
