import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolName } from './pool-name.ts';

test('a pool is named in one piece, or as the flags of the Inference Extension do', () => {
  assert.equal(poolName({ pool: 'ai/llama' }), 'ai/llama');
  assert.equal(poolName({ pool: 'llama' }), 'default/llama');
  assert.equal(poolName({ poolName: 'llama' }), 'default/llama');
  assert.equal(poolName({ poolName: 'llama', poolNamespace: 'ai' }), 'ai/llama');
  for (const wrong of [{}, { pool: 'a/b/c' }, { pool: '/a' }, { pool: 'a', poolName: 'b' }])
    assert.throws(() => poolName(wrong), { code: 'BW_USAGE' });
});
