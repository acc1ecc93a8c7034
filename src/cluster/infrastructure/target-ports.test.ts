import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assignTargetPorts } from './target-ports.ts';

test('ports that are had are kept; the others get the lowest that are free', () => {
  const asked = [{ key: 'a' }, { key: 'b', current: 20_000 }, { key: 'c', current: 20_002 }, { key: 'd' }];
  assert.deepEqual(
    [...assignTargetPorts(asked)].sort(),
    Object.entries({ a: 20_001, b: 20_000, c: 20_002, d: 20_003 }),
  );
});

test('of two with one port the first keeps it; a port out of the range is not kept', () => {
  const asked = [
    { key: 'a', current: 20_000 },
    { key: 'b', current: 20_000 },
    { key: 'c', current: 80 },
  ];
  assert.deepEqual([...assignTargetPorts(asked)].sort(), Object.entries({ a: 20_000, b: 20_001, c: 20_002 }));
});

test('whoever comes and goes, no two have the same port and nobody loses its own', () => {
  const key = fc.integer({ min: 0, max: 30 }).map(String);
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(key), { maxLength: 10 }), rounds => {
      let before: ReadonlyMap<string, number | undefined> = new Map();
      for (const keys of rounds) {
        const now = assignTargetPorts(keys.map(each => ({ key: each, current: before.get(each) })));
        assert.equal(new Set(now.values()).size, keys.length);
        for (const each of keys) if (before.has(each)) assert.equal(now.get(each), before.get(each));
        before = now;
      }
    }),
  );
});

test('when all are taken there is none', () => {
  const asked = Array.from({ length: 12_769 }, (_, index) => ({ key: String(index) }));
  const ports = assignTargetPorts(asked);
  assert.equal(ports.get('12767'), 32_767);
  assert.equal(ports.get('12768'), undefined);
});
