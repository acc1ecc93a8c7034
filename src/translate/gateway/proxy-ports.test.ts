import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { proxyPorts } from './proxy-ports.ts';

test('ports below 1024 are moved by 10,000, the others stay', () => {
  assert.deepEqual(
    [...proxyPorts([80, 443, 8080])],
    [
      [80, 10_080],
      [443, 10_443],
      [8080, 8080],
    ],
  );
});

test('a port that another one has, or the Pod itself, is passed over', () => {
  assert.deepEqual(
    [...proxyPorts([80, 10_080, 19_001])],
    [
      [80, 10_081],
      [10_080, 10_080],
      [19_001, 19_002],
    ],
  );
});

test('whatever the ports, each has one of its own that nobody in particular may bind', () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(fc.uniqueArray(port, { maxLength: 64 }), ports => {
      const found = [...proxyPorts(ports).values()];
      assert.equal(new Set(found).size, ports.length);
      for (const each of found)
        assert.ok(each >= 1024 && each <= 65_535 && ![19_000, 19_001, 19_003].includes(each), `${each}`);
    }),
  );
});
