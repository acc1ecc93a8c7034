import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalfWritten } from './half-written.ts';

const whole = { text: 'a: 1\n---\nb: 2\n', identity: '1:1' };
const never = () => assert.fail('not looked at');

test('an empty file is held for ten seconds, and counts then', () => {
  const files = new HalfWritten();
  const empty = { text: ' \n', identity: '1:2' };
  assert.equal(files.delayMs('f', empty, whole, never, 1000), 10_000);
  assert.equal(files.delayMs('f', empty, whole, never, 9000), 2000);
  assert.equal(files.delayMs('f', empty, whole, never, 11_000), 0);
  assert.equal(files.delayMs('f', empty, { ...empty, text: '' }, never, 11_000), 0, 'it was empty before');
});

test('a file that is cut in place is held for three seconds from the last word of its writer', () => {
  const files = new HalfWritten();
  const cut = (text: string) => ({ text, identity: '1:1' });
  assert.equal(files.delayMs('f', cut('a: 1\n'), whole, never, 0), 3000, 'the beginning of what it was');
  assert.equal(files.delayMs('f', cut('a: 1\n---'), whole, never, 2000), 3000, 'the writer goes on');
  assert.equal(files.delayMs('f', cut('a: 1\n---'), whole, never, 5000), 0);
  assert.equal(files.delayMs('f', cut('a: 2\n--'), whole, never, 6000), 3000, 'a line without an end');
  assert.equal(files.delayMs('f', whole, whole, never, 6500), 0, 'whole again');
  assert.equal(
    files.delayMs('f', cut('a: 3\n'), whole, () => true, 7000),
    3000,
    'an object is missing',
  );
  assert.equal(
    files.delayMs('f', cut('a: 3\n'), whole, () => false, 20_000),
    0,
  );
});

test('what is renamed into place is whole, also when it is shorter', () => {
  assert.equal(
    new HalfWritten().delayMs('f', { text: 'a: 1\n', identity: '1:2' }, whole, () => true, 0),
    0,
  );
});
