import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sharedParts } from './shared-parts.ts';

const content = fc
  .record({
    servers: fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c'),
        listeners: fc.array(
          fc.record({
            name: fc.constantFrom('x', 'y'),
            virtualHosts: fc.array(
              fc.record({ domain: fc.constantFrom('*', 'a.b'), routes: fc.jsonValue() }),
            ),
          }),
        ),
      }),
    ),
    clusters: fc.jsonValue(),
    other: fc.option(fc.jsonValue(), { nil: undefined }),
  })
  .filter(value => !JSON.stringify(value).includes('__proto__'))
  // Objects as parsers make them, with a prototype.
  .map(value => structuredClone(value));

test('the value does not depend on what came before it, and neither is changed', () => {
  fc.assert(
    fc.property(content, content, (value, before) => {
      const [valueBefore, beforeBefore] = structuredClone([value, before]);
      assert.deepEqual(sharedParts(value, before), valueBefore);
      assert.deepEqual(value, valueBefore);
      assert.deepEqual(before, beforeBefore);
    }),
  );
});

test('what is equal is taken from before', () => {
  fc.assert(
    fc.property(content, value => {
      const before = structuredClone(value);
      assert.equal(sharedParts(value, before), before);
    }),
  );
});

test('what is new or gone leaves the others of its list as they were', () => {
  const limit = (name: string, most = 1) => ({ name, thresholds: { most } });
  const before = { limits: [limit('a'), limit('b'), limit('c'), limit('d')] };
  const after = sharedParts({ limits: [limit('0'), limit('a'), limit('c', 2), limit('d')] }, before);
  assert.equal(after.limits[1], before.limits[0]);
  assert.equal(after.limits[3], before.limits[3]);
  assert.deepEqual(after.limits[2], limit('c', 2));
  assert.notEqual(after, before);
});

test('a field that is undefined is not one that is missing', () => {
  const before = { limits: [{ name: 'a' }] };
  assert.deepEqual(
    Object.keys(sharedParts({ limits: [{ name: 'a', policy: undefined }] }, before).limits[0]!),
    ['name', 'policy'],
  );
});
