import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  byteCount,
  duration,
  fraction,
  group,
  hostname,
  kind,
  labelValue,
  namespaceName,
  portNumber,
  preciseHostname,
  secretRef,
  sectionName,
} from './common-schemas.ts';
import { durationMs } from './duration.ts';

const NAMES = { group, kind, namespaceName, sectionName, hostname, preciseHostname, labelValue };
/** Texts of the characters that names are made of, and of those that they must not have. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '.', '*', '_'), maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', '.', '-', '\n', '\r', ' ', '/', ':', '\u0000', 'é'), maxLength: 8 }),
  fc.string({ maxLength: 300 }),
);

test('what passes for a name can stand in a head, a path, a file and a log: no blanks, no control characters, nothing beyond ASCII', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(NAMES)), text, (name, value) => {
      if (!name.safeParse(value).success) return;
      accepted++;
      assert.match(value, /^[-.*\w]*$/);
      assert.doesNotMatch(value, /^[-.]|[-.]$/);
      assert.ok(value.length <= 253);
    }),
    { numRuns: 2000 },
  );
  assert.ok(accepted > 100, `${accepted} were accepted`);
});

test('a line break at the end makes no name', () => {
  for (const [field, name] of Object.entries(NAMES)) {
    assert.ok(name.safeParse('a').success, field);
    assert.ok(!name.safeParse('a\n').success, field);
  }
});

test('a name has its length, and one of a megabyte is refused without being looked at for long', () => {
  for (const [field, name] of Object.entries(NAMES)) {
    const most = ['kind', 'namespaceName', 'labelValue'].includes(field) ? 63 : 253;
    assert.ok(name.safeParse('a'.repeat(most)).success, field);
    assert.ok(!name.safeParse('a'.repeat(most + 1)).success, field);
    const since = performance.now();
    for (const piece of ['a', 'a-', 'a.', '-', 'a.a-'])
      assert.ok(!name.safeParse(`${piece.repeat(1_000_000 / piece.length)}!`).success, field);
    assert.ok(performance.now() - since < 5000, `${field}: time grows with more than the length`);
  }
});

test('a wildcard is the first label of a host name, and of one that may have one', () => {
  for (const [value, any, precise] of [
    ['*.example.com', true, false],
    ['a.*.com', false, false],
    ['*', false, false],
    ['*example.com', false, false],
    ['a.example.com', true, true],
    ['A.example.com', false, false],
    ['a..com', false, false],
    ['', false, false],
  ] as const)
    assert.deepEqual(
      [hostname.safeParse(value).success, preciseHostname.safeParse(value).success],
      [any, precise],
      value,
    );
});

test('what passes for a duration can be read, up to four parts of five digits', () => {
  const part = fc
    .tuple(fc.nat(99_999), fc.constantFrom('h', 'm', 's', 'ms'))
    .map(([count, unit]) => `${count}${unit}`);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), parts => {
      const value = parts.join('');
      assert.equal(duration.safeParse(value).success, parts.length <= 4, value);
      if (parts.length <= 4) assert.ok(Number.isFinite(durationMs(value)), value);
    }),
  );
  for (const value of ['', '1', '-1s', '1.5s', '1s ', '1us', '100000s', '1S'])
    assert.ok(!duration.safeParse(value).success, value);
});

test('a share is of a hundred, unless it says of what, and never more than the whole', () => {
  assert.deepEqual(fraction.parse({ numerator: 5 }), { numerator: 5, denominator: 100 });
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (numerator, denominator) => {
      const right = numerator >= 0 && denominator >= 1 && numerator <= denominator;
      assert.equal(fraction.safeParse({ numerator, denominator }).success, right);
    }),
  );
  for (const odd of [
    { numerator: 101 },
    { numerator: 0.5 },
    { numerator: 2 ** 31, denominator: 2 ** 31 },
    {},
  ])
    assert.ok(!fraction.safeParse(odd).success, JSON.stringify(odd));
});

test('bytes are whole, in words from one on', () => {
  for (const value of [0, 1, '1', '10Gi', '5M', '905E'])
    assert.ok(byteCount.safeParse(value).success, String(value));
  for (const value of ['0', '0Gi', '01', '1.5Gi', '1e3', '-1', '1m', '1 Gi', '1Gi\n', 1.5, Number.NaN, null])
    assert.ok(!byteCount.safeParse(value).success, String(value));
});

test('a port is one that can be listened on, and a reference is to a Secret of the core group where it does not say', () => {
  fc.assert(
    fc.property(fc.integer(), port => {
      assert.equal(portNumber.safeParse(port).success, port >= 1 && port <= 65_535);
    }),
  );
  assert.deepEqual(secretRef.parse({ name: 'a' }), { group: '', kind: 'Secret', name: 'a' });
  assert.ok(!secretRef.safeParse({ name: 'a', key: 'b' }).success, 'an unknown field is an error');
});
