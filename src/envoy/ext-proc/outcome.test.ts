import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meaningOf } from './outcome.ts';

/** Flags as Envoy 1.40 sends them. */
const UT = 4;
const UF = 32;
const UO = 128;
const UH = 2;

test('an answer of the model server, or one of Envoy’s own and what that says of the model server', () => {
  assert.deepEqual(meaningOf(undefined), { kind: 'answered' });
  const upstream = '127.0.0.1:1';
  const details = 'upstream_reset_before_response_started{overflow}';
  assert.deepEqual(meaningOf({ flags: 0, details: 'via_upstream', upstream }), { kind: 'answered' });
  // The retry was refused, the answer is the model server's.
  assert.deepEqual(meaningOf({ flags: UO, details: 'via_upstream', upstream }), { kind: 'answered' });
  assert.deepEqual(meaningOf({ flags: UO, details, upstream: undefined }), {
    kind: 'overflow',
    limit: 'maxPendingRequests',
  });
  assert.deepEqual(meaningOf({ flags: UO, details, upstream }), {
    kind: 'overflow',
    limit: 'maxParallelRequests',
  });
  assert.deepEqual(meaningOf({ flags: UF, details: 'refused', upstream }), {
    kind: 'failed',
    failure: 'connect-failure',
    words: 'UF refused',
  });
  assert.deepEqual(meaningOf({ flags: UT, details: 'response_timeout', upstream }), {
    kind: 'timed-out',
    limit: 'requestMs',
    words: 'UT response_timeout',
  });
  assert.deepEqual(meaningOf({ flags: UT, details: 'upstream_per_try_timeout', upstream }), {
    kind: 'failed',
    failure: 'timeout',
    words: 'UT upstream_per_try_timeout',
  });
  assert.deepEqual(meaningOf({ flags: UH, details: 'no_healthy_upstream', upstream: undefined }), {
    kind: 'local',
    words: 'UH no_healthy_upstream',
  });
  assert.deepEqual(meaningOf({ flags: 0, details: 'direct_response', upstream: undefined }), {
    kind: 'local',
    words: 'direct_response',
  });
});
