import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBudget } from '../../../kernel/index.ts';
import { parseRequestHead } from '../http1-request-head.ts';
import { DiscardedBody, leavesTooMuch } from './discarded-body.ts';
import { FramedBody } from './framed-body.ts';

function request(fields: string) {
  const { facts } = parseRequestHead(`POST / HTTP/1.1\r\nhost: a\r\n${fields}`, 100);
  return { facts, body: new FramedBody(facts, ByteBudget.create(1e6)) };
}

test('the end of a discarded body is found, and nothing of it is kept', () => {
  const { body } = request('content-length: 5');
  const discarded = new DiscardedBody(body, 10);
  assert.equal(discarded.push(Buffer.from('abc')), -1);
  assert.equal(body.heldBytes, 0);
  assert.equal(discarded.push(Buffer.from('deGET')), 2);
  assert.equal(body.heldBytes, 0);
  assert.equal(discarded.tooMuch, false);
});

test('more than is worth the connection is too much: framing counts', () => {
  const discarded = new DiscardedBody(request('transfer-encoding: chunked').body, 10);
  assert.equal(discarded.push(Buffer.from('5\r\nabcde\r\n')), -1);
  assert.equal(discarded.tooMuch, false);
  assert.equal(discarded.push(Buffer.from('1')), -1);
  assert.equal(discarded.tooMuch, true);
});

test('a long rest, or one of a client that waits to be told to send it, is not waited for', () => {
  const long = request('content-length: 11');
  assert.equal(leavesTooMuch(long.facts, long.body, 10), true);
  long.body.push(Buffer.from('a'));
  assert.equal(leavesTooMuch(long.facts, long.body, 10), false);
  const chunked = request('transfer-encoding: chunked');
  assert.equal(leavesTooMuch(chunked.facts, chunked.body, 10), false);
  const waits = request('content-length: 1\r\nexpect: 100-continue');
  assert.equal(leavesTooMuch(waits.facts, waits.body, 10), true);
  waits.body.push(Buffer.from('a'));
  assert.equal(leavesTooMuch(waits.facts, waits.body, 10), false);
});
