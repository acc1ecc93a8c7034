import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stoppingText } from './stopping-text.ts';

test('a request whose connection is being opened is not told as two requests in flight', () => {
  assert.equal(
    stoppingText([{ active: 1, pending: 1 }]),
    'Stopping: waiting for 1 request in flight and 1 request without a connection. Ctrl-C again ends at once.',
  );
});

test('requests of all limits are waited for; without any nothing is', () => {
  const limits = [
    { active: 2, pending: 0 },
    { active: 1, pending: 0 },
  ];
  assert.equal(
    stoppingText(limits),
    'Stopping: waiting for 3 requests in flight. Ctrl-C again ends at once.',
  );
  assert.equal(
    stoppingText([{ active: 0, pending: 2 }]),
    'Stopping: waiting for 2 requests without a connection. Ctrl-C again ends at once.',
  );
  assert.equal(stoppingText([{ active: 0, pending: 0 }]), 'Stopping.');
});
