import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stableJson, versioned } from './plan-version.ts';

test('equal content has one version, whatever the order of keys', () => {
  const a = versioned({ servers: [], clusters: [], pools: [], limits: [] });
  const b = versioned({ limits: [], pools: [], clusters: [], servers: [] });
  assert.equal(a.version, b.version);
  assert.match(a.version, /^[0-9a-f]{64}$/);
});

test('stableJson does not depend on the order of keys and loses nothing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter(key => key !== '__proto__'),
        fc.jsonValue(),
      ),
      object => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        assert.equal(stableJson(reversed), stableJson(object));
        assert.deepEqual(JSON.parse(stableJson(object)), JSON.parse(JSON.stringify(object)));
      },
    ),
  );
});
