import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WRITE_QUEUE, WriteQueue } from './write-queue.ts';

function takeAll(queue: WriteQueue, nowMs: number): string[] {
  const taken: string[] = [];
  for (let key = queue.take(nowMs); key !== undefined; key = queue.take(nowMs)) taken.push(key);
  return taken;
}

test('writes come in order, so many at once', () => {
  const queue = new WriteQueue({ ...WRITE_QUEUE, concurrency: 2 });
  for (const key of ['a', 'b', 'c', 'a']) queue.add(key);
  assert.deepEqual(takeAll(queue, 0), ['a', 'b']);
  queue.done('a', false, 1);
  assert.deepEqual(takeAll(queue, 1), ['c']);
});

test('what changes while it is out is written again, not at once', () => {
  const queue = new WriteQueue(WRITE_QUEUE);
  queue.add('a');
  assert.equal(queue.take(0), 'a');
  queue.add('a');
  assert.equal(queue.take(1), undefined);
  queue.done('a', false, 10);
  assert.deepEqual([queue.take(209), queue.nextAtMs(209), queue.take(210)], [undefined, 210, 'a']);
});

test('failures wait twice as long each time, up to the longest; the others do not wait for them', () => {
  const queue = new WriteQueue(WRITE_QUEUE);
  const waits: number[] = [];
  let now = 0;
  queue.add('a');
  for (let time = 0; time < 10; time++) {
    assert.equal(queue.take(now), 'a');
    queue.done('a', true, now);
    queue.add('b');
    assert.equal(queue.take(now), 'b');
    queue.done('b', false, now);
    const next = queue.nextAtMs(now)!;
    waits.push(next - now);
    now = next;
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  queue.take(now);
  queue.done('a', false, now);
  queue.add('a');
  assert.equal(queue.nextAtMs(now), now + WRITE_QUEUE.apartMs);
});

test('in any second there are no more writes than the burst and the rate allow; nothing is forgotten', () => {
  const happenings = fc.array(
    fc.record({
      key: fc.nat(60),
      what: fc.constantFrom('add', 'done', 'fail', 'remove'),
      afterMs: fc.nat(300),
    }),
    { maxLength: 200 },
  );
  const options = { ...WRITE_QUEUE, concurrency: 4, writesPerSecond: 10, burst: 5, maxBackoffMs: 1000 };
  fc.assert(
    fc.property(happenings, script => {
      const queue = new WriteQueue(options);
      const out: string[] = [];
      const due = new Set<string>();
      const takenAtMs: number[] = [];
      let now = 0;
      const take = () => {
        for (const key of takeAll(queue, now)) {
          takenAtMs.push(now);
          assert.ok(!out.includes(key), 'one write at a time to one object');
          out.push(key);
          due.delete(key);
        }
        assert.ok(out.length <= options.concurrency);
      };
      const end = (again: boolean) => {
        const key = out.shift();
        if (key === undefined) return;
        queue.done(key, again, now);
        if (again) due.add(key);
      };
      for (const { key, what, afterMs } of script) {
        now += afterMs;
        if (what === 'add') {
          queue.add(String(key));
          due.add(String(key));
        } else if (what === 'remove') {
          queue.remove(String(key));
          due.delete(String(key));
        } else end(what === 'fail');
        take();
      }
      while (due.size > 0 || out.length > 0) {
        end(false);
        const next = queue.nextAtMs(now);
        if (next !== undefined) now = next;
        take();
      }
      for (const [index, at] of takenAtMs.entries()) {
        const within = takenAtMs.slice(index).filter(other => other < at + 1000).length;
        assert.ok(within <= options.burst + options.writesPerSecond + 1, `${within} in a second`);
      }
      now += 2000;
      takeAll(queue, now);
      assert.equal(queue.size, 0, 'at rest nothing is held');
    }),
  );
});
