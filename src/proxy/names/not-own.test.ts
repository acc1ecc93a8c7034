import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notOwn } from './not-own.ts';

test('a name that resolves to the gateway itself leads nowhere; its other addresses count', async () => {
  const said: string[] = [];
  const answers: Record<string, readonly string[]> = {
    'rebound.example': ['127.0.0.1', '10.0.0.7', '169.254.169.254'],
    'mine.example': ['::1', '::ffff:127.0.0.1'],
    'fine.example': ['10.0.0.8'],
  };
  const lookUp = notOwn(
    async name => ({ addresses: answers[name] ?? [], ttlMs: 5 }),
    message => said.push(message),
    () => undefined,
  );
  assert.deepEqual(await lookUp('rebound.example'), { addresses: ['10.0.0.7'], ttlMs: 5 });
  assert.deepEqual(await lookUp('mine.example'), { addresses: [], ttlMs: 5 });
  assert.deepEqual(await lookUp('fine.example'), { addresses: ['10.0.0.8'], ttlMs: 5 });
  await lookUp('rebound.example');
  assert.equal(said.length, 2, 'said once');
  assert.match(said[0] ?? '', /^rebound\.example resolves to 127\.0\.0\.1, 169\.254\.169\.254,/);
});

test('a name that resolves to a Gateway leads nowhere as long as it does', async () => {
  const said: string[] = [];
  let owned: string | undefined = 'it is of Service default/envoy-a, of a Gateway';
  const lookUp = notOwn(
    async () => ({ addresses: ['10.0.0.7', '10.96.0.9'], ttlMs: 5 }),
    message => said.push(message),
    address => (address === '10.96.0.9' ? owned : undefined),
  );
  assert.deepEqual(await lookUp('loop.example'), { addresses: ['10.0.0.7'], ttlMs: 5 });
  assert.deepEqual(said, [
    'loop.example resolves to 10.96.0.9, which may be the gateway itself (it is of Service default/envoy-a, of a Gateway): nothing is sent there',
  ]);
  owned = undefined;
  assert.deepEqual(await lookUp('loop.example'), { addresses: ['10.0.0.7', '10.96.0.9'], ttlMs: 5 });
});
