import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageSince, formatAge } from './printed-age.ts';
import { formatTable } from './table.ts';

test('columns are as wide as their longest cell and three spaces', () => {
  assert.equal(
    formatTable(
      ['NAME', 'CLASS', 'ADDRESS', 'PROGRAMMED', 'AGE'],
      [['example-gateway', 'example-gateway-class', '127.0.0.1:10080', 'True', '5s']],
    ),
    'NAME              CLASS                   ADDRESS           PROGRAMMED   AGE\n' +
      'example-gateway   example-gateway-class   127.0.0.1:10080   True         5s\n',
  );
});

test('a short column is six wide', () => {
  assert.equal(formatTable(['A', 'B'], [['x', 'y']]), 'A     B\nx     y\n');
});

test('without a header, and empty', () => {
  assert.equal(formatTable(undefined, [['a', 'b']]), 'a     b\n');
  assert.equal(formatTable(undefined, []), '');
});

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
for (const [seconds, text] of [
  [-5, '<invalid>'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [125, '2m5s'],
  [11 * minute + 5, '11m'],
  [179 * minute, '179m'],
  [3 * hour + 5 * minute, '3h5m'],
  [8 * hour + 5 * minute, '8h'],
  [47 * hour, '47h'],
  [2 * day + hour, '2d1h'],
  [9 * day + hour, '9d'],
  [800 * day, '2y70d'],
  [3000 * day, '8y'],
] as const)
  test(`${seconds} s is ${text}`, () => assert.equal(formatAge(seconds * 1000), text));

test('a timestamp that is missing or no date is <unknown>', () => {
  assert.equal(ageSince(undefined, 0), '<unknown>');
  assert.equal(ageSince('soon', 0), '<unknown>');
  assert.equal(ageSince('1970-01-01T00:00:10Z', 15_000), '5s');
});
