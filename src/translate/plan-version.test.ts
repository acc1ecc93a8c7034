import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versioned } from './plan-version.ts';

test('equal content has one version, whatever the order of keys', () => {
  const a = versioned({ servers: [], clusters: [], pools: [], limits: [] });
  const b = versioned({ limits: [], pools: [], clusters: [], servers: [] });
  assert.equal(a.version, b.version);
  assert.match(a.version, /^[0-9a-f]{64}$/);
});
