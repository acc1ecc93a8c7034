import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../kernel/virtual-clock-for-test.ts';
import type { Resolved } from './lookup.ts';
import { Names } from './resolved-names.ts';

const { clock } = VirtualClock.use();
/** The next time that a name is asked for. @returns how long that was */
const pass = async () => Math.round(await clock.step());

/** Names whose answers are given by hand. */
function setUp() {
  const answers = new Map<string, Resolved | Error>();
  const told: string[] = [];
  let changes = 0;
  const names = new Names({
    lookUp: async name => {
      const answer = answers.get(name) ?? new Error('no server');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    random: () => 0.5,
    onChange: () => changes++,
    onEvent: (message, severity) => told.push(`${severity}: ${message}`),
  });
  const follow = (...of: string[]) => names.follow(new Set(of), 1000);
  return { answers, told, names, follow, changes: () => changes };
}

test('all addresses of a name, followed as they change, as long as its records say', async () => {
  const { answers, names, follow, changes } = setUp();
  answers.set('a', { addresses: ['10.0.0.1', '10.0.0.2'], ttlMs: 10_000 });
  await follow('a');
  assert.deepEqual(names.addresses('a'), ['10.0.0.1', '10.0.0.2']);
  assert.equal(changes(), 1);
  answers.set('a', { addresses: ['10.0.0.3'], ttlMs: 0 });
  assert.equal(await pass(), 10_500);
  assert.deepEqual(names.addresses('a'), ['10.0.0.3']);
  assert.equal(changes(), 2);
  answers.set('a', { addresses: ['10.0.0.3'], ttlMs: 1 });
  assert.equal(await pass(), 31_500, 'a TTL of 0 says nothing: every 30 s, and a twentieth');
  assert.equal(changes(), 2, 'the same again is no change');
  assert.equal(Math.round(clock.waitingMs[0] ?? 0), 1050, 'never more often than every second');
  names.close();
});

test('a failure keeps the last addresses, is told once, and is tried again, slower each time', async () => {
  const { answers, names, follow, told } = setUp();
  answers.set('a', { addresses: ['10.0.0.1'] });
  await follow('a');
  answers.set('a', new Error('SERVFAIL'));
  await pass();
  const waits = [await pass(), await pass(), await pass()];
  assert.deepEqual(waits, [1050, 2100, 4200]);
  assert.deepEqual(names.addresses('a'), ['10.0.0.1']);
  assert.deepEqual(told, ['warning: a cannot be resolved: SERVFAIL']);
  answers.set('a', { addresses: ['10.0.0.2'] });
  await pass();
  assert.deepEqual(names.addresses('a'), ['10.0.0.2']);
  assert.equal(told[1], 'info: a is resolved again');
  names.close();
});

test('a name that is known to have no addresses any more has none', async () => {
  const { answers, names, follow, told } = setUp();
  answers.set('a', { addresses: ['10.0.0.1'] });
  await follow('a');
  answers.set('a', { addresses: [] });
  await pass();
  assert.deepEqual(names.addresses('a'), []);
  assert.deepEqual(told, ['warning: a has no addresses any more']);
  names.close();
});

test('what is not followed any more is not asked for; an answer that comes late changes nothing', async () => {
  const { answers, names, follow, changes } = setUp();
  await follow('a', 'b');
  assert.equal(clock.waitingMs.length, 2);
  await follow('b');
  answers.set('a', { addresses: ['10.0.0.1'] });
  await pass();
  assert.deepEqual([names.addresses('a'), changes()], [[], 0]);
  names.close();
});
