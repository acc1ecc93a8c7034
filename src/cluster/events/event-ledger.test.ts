import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EVENT_LEDGER, EventLedger } from './event-ledger.ts';
import type { WantedEvent } from './wanted-event.ts';

const MINUTE_MS = 60_000;

function event(name: string, note = 'it cannot act'): WantedEvent {
  const regarding = { apiVersion: 'example.com/v1', kind: 'Thing', namespace: 'ns', name };
  return { regarding, type: 'Warning', reason: 'PolicyInvalid', action: 'Translate', note };
}

/** Writes all that is due. */
function write(ledger: EventLedger, nowMs: number): string[] {
  const written: string[] = [];
  for (let due = ledger.next(nowMs); due !== undefined; due = ledger.next(nowMs)) {
    written.push(`${due.event.regarding.name} ${due.count}${due.first ? ' first' : ''}`);
    ledger.done(due.key, due.count, nowMs);
  }
  return written;
}

test('what is so is told once, and again only after long', () => {
  const ledger = new EventLedger(EVENT_LEDGER);
  for (let minute = 0; minute < 30; minute++) {
    ledger.want([event('a')], minute * MINUTE_MS);
    assert.deepEqual(write(ledger, minute * MINUTE_MS), minute === 0 ? ['a 1 first'] : [], `${minute} min`);
  }
  assert.deepEqual(write(ledger, 30 * MINUTE_MS), ['a 2']);
});

test('what comes and goes is a series: counted each time, written again soon, then once a minute', () => {
  const ledger = new EventLedger(EVENT_LEDGER);
  const writes: string[] = [];
  for (let second = 0; second <= 120; second++) {
    ledger.want(second % 2 === 0 ? [event('a')] : [], second * 1000);
    writes.push(...write(ledger, second * 1000));
  }
  assert.deepEqual(writes, ['a 1 first', 'a 2', 'a 32']);
});

test('what was over before it could be told is not told', () => {
  const ledger = new EventLedger(EVENT_LEDGER);
  ledger.want([event('a')], 0);
  ledger.want([], 1);
  assert.deepEqual([write(ledger, 2), ledger.size], [[], 0]);
});

test('a write that failed is tried again later', () => {
  const ledger = new EventLedger(EVENT_LEDGER);
  ledger.want([event('a')], 0);
  const due = ledger.next(0);
  assert.equal(due?.first, true);
  ledger.done(due?.key ?? '', 0, 0);
  assert.deepEqual(write(ledger, 1_000), []);
  assert.deepEqual(write(ledger, EVENT_LEDGER.retryMs), ['a 1 first']);
});

test('of many events of one object, and of many objects, so many are told at once', () => {
  const ledger = new EventLedger(EVENT_LEDGER);
  const ofOne = Array.from({ length: 100 }, (_, index) => event('a', `note ${index}`));
  ledger.want(ofOne, 0);
  assert.equal(write(ledger, 0).length, EVENT_LEDGER.burstOfObject);
  const many = Array.from({ length: 5_000 }, (_, index) => event(`b${index}`));
  ledger.want(many, 1);
  assert.equal(ledger.dropped > 0 && ledger.size <= EVENT_LEDGER.max, true);
  let told = write(ledger, 1).length;
  assert.ok(told <= EVENT_LEDGER.burst, `${told}`);
  for (let second = 1; second <= 10; second++) told += write(ledger, second * 1000).length;
  assert.ok(told <= EVENT_LEDGER.burst + 10 * EVENT_LEDGER.writesPerSecond + 1, `${told}`);
});

test('whatever comes and goes, never more than the bounds are written, and in the end all that stays is told', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.record({ present: fc.uniqueArray(names), afterMs: fc.integer({ min: 0, max: 90_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), steps => {
      const ledger = new EventLedger(EVENT_LEDGER);
      const counts = new Map<string, number>();
      let nowMs = 0;
      for (const { present, afterMs } of [...steps, { present: ['a'], afterMs: 1 }]) {
        nowMs += afterMs;
        ledger.want(
          present.map(name => event(name)),
          nowMs,
        );
        for (const line of write(ledger, nowMs)) {
          const [name = '', count] = line.split(' ');
          assert.ok(Number(count) > (counts.get(name) ?? 0) || line.endsWith('first'), line);
          counts.set(name, Number(count));
        }
      }
      assert.ok(counts.has('a'));
    }),
  );
});
