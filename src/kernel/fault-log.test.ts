import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultLog } from './fault-log.ts';

test('a fault of every request is one line in ten seconds, with what was left out, and all are counted', () => {
  const lines: string[] = [];
  let now = 0;
  const log = new FaultLog(
    line => lines.push(line),
    () => now,
  );
  const throws = () => log.tell('a request', new TypeError('x is undefined'));
  for (let i = 0; i < 5; i++) throws();
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] as string,
    /^a request: TypeError: x is undefined < at .*fault-log\.test\.ts.*\[BW_REQUEST_FAULT\]$/,
  );
  now = 10_000;
  throws();
  assert.match(lines[1] as string, /\(and 4 times more before\)/);
  log.tell('a sweep', 'a word');
  assert.equal(lines.length, 3);
  assert.equal(log.count, 7);
});

test('a teller that throws costs nobody anything', () => {
  const log = new FaultLog(() => {
    throw new Error('the pipe is closed');
  });
  log.tell('a request', new Error('x'));
  assert.equal(log.count, 1);
});

test('what is thrown anew each time, with the words of clients, is bounded in length and number', () => {
  const lines: string[] = [];
  const log = new FaultLog(line => lines.push(line));
  for (let i = 0; i < 1000; i++) log.tell('a request', new Error(`${i} ${'x'.repeat(100_000)}`));
  assert.equal(lines.length, 1);
  assert.ok((lines[0] as string).length < 1500);
});
