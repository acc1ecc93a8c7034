import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseOwners } from './response-owners.ts';

test('who made a response is known to all workers, until too many others were made since', () => {
  const owners = ResponseOwners.create(1 << 8);
  const other = ResponseOwners.attach(owners.shared);
  assert.equal(other.ownerOf('resp_1'), 0);
  for (let i = 1; i <= 100; i++) owners.note(`resp_${i}`, i, i);
  const known = Array.from({ length: 100 }, (_, i) => other.ownerOf(`resp_${i + 1}`) === i + 1);
  assert.ok(known.filter(Boolean).length > 85);
  for (let i = 101; i <= 10_000; i++) owners.note(`resp_${i}`, i, i);
  assert.equal(other.ownerOf('resp_10000'), 10_000);
  assert.equal(other.ownerOf('resp_1'), 0);
  owners.note('resp_10000', -7, 10_001);
  assert.equal(other.ownerOf('resp_10000'), -7);
});
