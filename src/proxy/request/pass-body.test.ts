import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from '../../kernel/index.ts';
import { parseRequestHead } from '../http1/request-head.ts';
import { passBody } from './pass-body.ts';
import { RequestBody } from './request-body.ts';

function bodyOf(fields: string): RequestBody {
  return new RequestBody(
    parseRequestHead(`POST / HTTP/1.1\r\nhost: a\r\n${fields}`, 10).facts,
    ByteBudget.create(1e6),
  );
}

class Sink {
  text = '';
  readonly #full: boolean;

  constructor(full = false) {
    this.#full = full;
  }

  write(bytes: Buffer | string): boolean {
    this.text += typeof bytes === 'string' ? bytes : bytes.toString('latin1');
    return !this.#full;
  }
}

test('a body of known length goes on as it comes, however it is split', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1 }), pieces => {
      const whole = Buffer.concat(pieces);
      const body = bodyOf(`content-length: ${whole.length}`);
      const sink = new Sink();
      for (const piece of pieces) {
        body.push(Buffer.from(piece));
        passBody(body, sink);
      }
      assert.ok(body.ended);
      assert.equal(sink.text, whole.toString('latin1'));
    }),
  );
});

test('a chunked body goes on in chunks, and ends with its trailers, once', () => {
  const body = bodyOf('transfer-encoding: chunked');
  const sink = new Sink();
  for (const piece of ['5\r\nhe', 'llo\r\n', '1\r\n!\r\n0\r\nx-sum: 1\r\n\r', '\n']) {
    body.push(Buffer.from(piece));
    passBody(body, sink);
  }
  assert.ok(body.ended);
  assert.equal(sink.text, '2\r\nhe\r\n3\r\nllo\r\n1\r\n!\r\n0\r\nx-sum: 1\r\n\r\n');
});

test('it tells when the other side takes no more', () => {
  const body = bodyOf('content-length: 3');
  body.push(Buffer.from('ab'));
  assert.equal(passBody(body, new Sink(true)), false);
  assert.equal(passBody(body, new Sink(true)), true, 'nothing was left to write');
  body.push(Buffer.from('c'));
  assert.equal(passBody(body, new Sink()), true);
});
