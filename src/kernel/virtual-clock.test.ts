import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicMs, startInterval, startTimer, stopTimer, timeoutSignal, wallMs } from './clock.ts';
import { sleep } from './sleep.ts';
import { VirtualClock } from './virtual-clock-for-test.ts';

test('a virtual clock stands still, and runs what is due in order, each at its own time', async () => {
  const { clock, end } = VirtualClock.use();
  const seen: string[] = [];
  const note = (what: string) => () => seen.push(`${what} at ${monotonicMs()}`);
  startTimer(30, note('third'));
  startTimer(10, note('first'));
  startTimer(10, note('second'));
  const stopped = startTimer(20, note('stopped'));
  stopTimer(stopped);
  const wall = wallMs();
  assert.deepEqual(seen, []);
  await clock.advance(29);
  assert.deepEqual(seen, ['first at 10', 'second at 10']);
  await clock.advance(1);
  assert.deepEqual([seen[2], wallMs() - wall, clock.waitingMs], ['third at 30', 30, []]);
  end();
  assert.ok(Math.abs(wallMs() - Date.now()) < 1000);
});

test('what is repeated, sleeps, begins anew or is aborted does so on the virtual clock', async () => {
  const { clock, end } = VirtualClock.use();
  let beats = 0;
  const beat = startInterval(100, () => beats++);
  const quiet = timeoutSignal(250);
  let slept = 0;
  const sleeping = (async () => {
    for (let i = 0; i < 3; i++) await sleep(60);
    slept = monotonicMs();
  })();
  const late = startTimer(200, () => assert.fail('it began anew'));
  await clock.advance(150);
  late.refresh();
  await clock.advance(199);
  stopTimer(late);
  await sleeping;
  assert.deepEqual(
    [beats, slept, quiet.aborted, (quiet.reason as Error).name],
    [3, 180, true, 'TimeoutError'],
  );
  stopTimer(beat);
  await clock.advance(1000);
  assert.equal(beats, 3);
  end();
});

test('a sleep ends with its signal, and leaves no timer', async () => {
  const { clock, end } = VirtualClock.use();
  const abort = new AbortController();
  const sleeping = sleep(1000, abort.signal);
  abort.abort();
  await sleeping;
  await sleep(1000, abort.signal);
  assert.deepEqual(clock.waitingMs, []);
  end();
});
