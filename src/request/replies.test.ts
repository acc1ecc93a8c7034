import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shedReply } from './replies.ts';

test('a request that is shed is told so in the dialect that its path speaks', () => {
  const shapes = ['/v1/chat/completions?a=b', '/v1/messages', '/somewhere'].map(target => {
    const { status, headers, body } = shedReply(target);
    assert.equal(status, 429);
    assert.ok(headers.includes('reason=saturated; criticality=Sheddable'));
    const { type, error } = JSON.parse(body) as { type?: string; error: { type: string } };
    return [type, error.type];
  });
  assert.deepEqual(shapes, [
    [undefined, 'RateLimitError'],
    ['error', 'rate_limit_error'],
    [undefined, 'RateLimitError'],
  ]);
});
