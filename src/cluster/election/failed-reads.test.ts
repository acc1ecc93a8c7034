import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelServer, pair } from './candidates-for-test.ts';

for (const waitsAfterFailure of [true, false])
  test(`after an API server was away for long ${waitsAfterFailure ? 'the one that led still does' : 'whoever is first leads'}`, () => {
    const server = new ModelServer();
    const [a, b] = pair();
    Object.assign(b.options, { waitsAfterFailure });
    a.settle(server, 0);
    b.settle(server, 0);
    for (let time = 1000; time <= 60_000; time += 1000)
      for (const each of [a, b]) {
        each.take({ type: 'tick' }, time);
        if (each.request === undefined) continue;
        each.request = undefined;
        each.take({ type: 'failed' }, time);
      }
    assert.deepEqual([a.leads(60_000), b.leads(60_000)], [false, false]);
    b.settle(server, 62_000);
    a.settle(server, 63_000);
    assert.deepEqual([a.leads(63_000), b.leads(63_000)], [waitsAfterFailure, !waitsAfterFailure]);
  });

test('one that waits after a failure takes over a lease duration later', () => {
  const server = new ModelServer();
  const [a, b] = pair();
  Object.assign(b.options, { waitsAfterFailure: true });
  a.settle(server, 0);
  b.settle(server, 0);
  b.take({ type: 'tick' }, 10_000);
  b.request = undefined;
  b.take({ type: 'failed' }, 10_000);
  for (let time = 12_000; time < 25_000; time += 500) {
    b.settle(server, time);
    assert.equal(b.leads(time), false, `at ${time}`);
  }
  b.settle(server, 25_000);
  assert.equal(b.leads(25_000), true);
});
