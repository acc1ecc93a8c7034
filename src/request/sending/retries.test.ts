import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limits, ScopeHandle } from '../../limits/index.ts';
import type { RetryPolicy } from '../../plan/index.ts';
import { Retries } from './retries.ts';

/** A budget of so many retries at once. */
function budget(max: number) {
  const limits = {
    held: 0,
    acquireRetry: () => limits.held < max && ++limits.held > 0,
    releaseRetry: () => void limits.held--,
  };
  return limits;
}

const retries = (limits: ReturnType<typeof budget>, policy?: Partial<RetryPolicy>) =>
  new Retries(limits as unknown as Limits, {} as ScopeHandle, policy as RetryPolicy | undefined);
const POST = { method: 'POST', whole: true };
const GET = { method: 'GET', whole: true };

test('without a policy five other endpoints are tried, and none twice', () => {
  const limits = budget(9);
  const some = retries(limits);
  const seen = [1, 2, 3, 4, 5, 6].map(tried => some.elsewhere(tried, 10));
  assert.deepEqual(seen, [true, true, true, true, true, false]);
  assert.equal(limits.held, 1);
  some.release();
  some.release();
  assert.equal(limits.held, 0);
  assert.equal(retries(limits).elsewhere(3, 3), false);
});

test('a policy counts what goes elsewhere among its retries, and may forbid it', () => {
  const two = retries(budget(9), { attempts: 2 });
  assert.deepEqual([two.elsewhere(1, 9), two.again(POST), two.again(POST)], [true, true, false]);
  assert.equal(retries(budget(9), { attempts: 0 }).elsewhere(1, 9), false);
  assert.equal(retries(budget(9)).again(POST), false);
});

test('a budget that is used up ends all retries', () => {
  const none = retries(budget(0), { attempts: 2 });
  assert.deepEqual([none.elsewhere(1, 9), none.again(GET), none.anew('sent', GET)], [false, false, false]);
});

test('what may have been served is sent anew only once, and only where the method allows it', () => {
  const anew = (stale: 'sent' | 'unsent', method: string, whole = true) =>
    retries(budget(9)).anew(stale, { method, whole });
  assert.ok(anew('sent', 'GET') && anew('sent', 'PUT') && anew('unsent', 'POST'));
  assert.ok(!anew('sent', 'POST') && !anew('sent', 'PATCH') && !anew('unsent', 'GET', false));
  const once = retries(budget(9), { attempts: 1 });
  assert.deepEqual([once.anew('sent', GET), once.anew('sent', GET), once.again(GET)], [true, false, true]);
});
