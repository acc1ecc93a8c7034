import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readReport, reportText, sumOf } from './in-use-text.ts';

const count = fc.nat(2 ** 30 - 1);
const inUse = fc
  .tuple(
    fc.array(fc.tuple(fc.string(), fc.tuple(count, count, count, count))),
    fc.array(fc.tuple(fc.string(), count)),
  )
  .map(([limits, endpoints]) => ({
    limits: new Map<string, readonly number[]>(limits),
    endpoints: new Map(endpoints),
  }));

test('what is written of a report is read again', () => {
  fc.assert(
    fc.property(inUse, said => {
      const { text, leftOut } = reportText(said);
      assert.equal(leftOut, 0);
      assert.deepEqual(readReport(text), said);
    }),
  );
});

test('a report that is too large goes without endpoints, and then without the limits that have the fewest in use', () => {
  const limits = new Map(Array.from({ length: 100 }, (_, i) => [`scope-${i}`, [i, 0, 0, 0]] as const));
  const said = { limits, endpoints: new Map([['pool#10.0.0.1:80', 7]]) };
  const whole = reportText({ limits, endpoints: new Map() }).text;
  const most = readReport(reportText(said, whole.length + 10).text);
  assert.deepEqual(most, { limits, endpoints: new Map() });
  const { text, leftOut } = reportText(said, 1_000);
  assert.ok(text.length <= 1_000, `${text.length}`);
  const kept = readReport(text);
  assert.equal(kept.limits.size + leftOut, 100);
  assert.equal(kept.limits.size > 30, true);
  assert.deepEqual(
    new Set(kept.limits.keys()),
    new Set([...limits.keys()].reverse().slice(0, kept.limits.size)),
  );
});

test('what cannot be read of a report is left out', () => {
  const nothing = { limits: new Map(), endpoints: new Map() };
  for (const text of ['', 'null', '[]', '{', '{"limits":3,"endpoints":[true]}'])
    assert.deepEqual(readReport(text), nothing, text);
  const { limits, endpoints } = readReport(
    '{"limits":{"a":[1,0,0,0],"b":[-1],"c":["1"],"d":7},"endpoints":{"e":1,"f":0.5,"g":null},"more":1}',
  );
  assert.deepEqual([...limits], [['a', [1, 0, 0, 0]]]);
  assert.deepEqual([...endpoints], [['e', 1]]);
});

test('several have in use together what each has', () => {
  const a = { limits: new Map([['s', [1, 2, 3, 4]]]), endpoints: new Map([['e', 1]]) };
  const b = {
    limits: new Map([
      ['s', [1, 0, 0, 1]],
      ['t', [0, 1, 0, 0]],
    ]),
    endpoints: new Map([['e', 2]]),
  };
  assert.deepEqual(sumOf([a, b]), {
    limits: new Map([
      ['s', [2, 2, 3, 5]],
      ['t', [0, 1, 0, 0]],
    ]),
    endpoints: new Map([['e', 3]]),
  });
});
