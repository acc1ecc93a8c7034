import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicMs, RepeatedTask, seededRandom } from '../../kernel/index.ts';
import { VirtualClock } from '../../kernel/virtual-clock-for-test.ts';
import { Names } from './resolved-names.ts';

test('ten minutes of names that are followed, through four in which no server answers, take less than a second of this machine', async () => {
  const startedAt = process.cpuUsage();
  const { clock, end } = VirtualClock.use();
  const asked: number[] = [];
  const events: string[] = [];
  const faults: number[] = [];
  const isAway = () => monotonicMs() >= 120_000 && monotonicMs() < 360_000;
  const names = new Names({
    lookUp: async name => {
      asked.push(monotonicMs());
      if (isAway()) throw new Error('no server');
      return { addresses: [`10.0.0.${name.length}`], ttlMs: 5_000 };
    },
    random: seededRandom(1),
    onChange: () => {},
    onEvent: message => events.push(`${Math.floor(monotonicMs() / 60_000)}: ${message}`),
  });
  const task = new RepeatedTask(
    { task: 'a check', everyMs: 1000, maxBackoffMs: 60_000, onFault: () => faults.push(monotonicMs()) },
    () => {
      if (isAway()) throw new Error('no server');
    },
  ).start();
  await names.follow(new Set(['a', 'bb']), 1000);
  await clock.advance(600_000);

  assert.deepEqual(events, [
    '2: a cannot be resolved: no server',
    '2: bb cannot be resolved: no server',
    '6: a is resolved again',
    '6: bb is resolved again',
  ]);
  assert.deepEqual(names.addresses('bb'), ['10.0.0.2']);
  const inMinute = (minute: number) => asked.filter(at => Math.floor(at / 60_000) === minute).length;
  assert.ok(inMinute(1) >= 20 && inMinute(8) >= 20, 'every five seconds while a server answers');
  assert.ok(inMinute(4) <= 6, 'every thirty seconds while none does');
  assert.ok(
    faults.length >= 8 && faults.length <= 11,
    `backs off to a minute: ${faults.length} tries in four`,
  );
  names.close();
  task.stop();
  assert.deepEqual(clock.waitingMs, [], 'what is closed leaves no timer');
  end();
  const { user, system } = process.cpuUsage(startedAt);
  assert.ok(user + system < 1e6, `${(user + system) / 1000} ms of CPU`);
});
