import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from '../../../kernel/index.ts';
import { parseRequestHead } from '../http1-request-head.ts';
import { HttpSyntaxError } from '../syntax-error.ts';
import { FramedBody } from './framed-body.ts';

function bodyOf(fields: string): FramedBody {
  return new FramedBody(
    parseRequestHead(`POST / HTTP/1.1\r\nhost: a\r\n${fields}`, 10).facts,
    ByteBudget.create(1e6),
  );
}

const pieces = (text: string, cuts: readonly number[]) => {
  const at = [...new Set(cuts.map(cut => cut % text.length))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => Buffer.from(text.slice(from, at[i]))).filter(({ length }) => length > 0);
};

test('payload and trailers of a chunked body are the same, however it is split; what may not trail is left out', () => {
  const wire = '5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nX-Sum:  1 \r\ncontent-length: 9\r\n\r\n';
  fc.assert(
    fc.property(fc.array(fc.nat(100), { maxLength: 8 }), cuts => {
      const body = bodyOf('transfer-encoding: chunked');
      let end = -1;
      for (const piece of pieces(wire, cuts)) end = body.push(piece);
      assert.notEqual(end, -1);
      assert.equal(body.ended, true);
      assert.equal(body.peek().toString(), 'hello!');
      assert.deepEqual(body.trailers, ['x-sum', '1']);
    }),
  );
});

test('what follows a body of known length is not its own', () => {
  const body = bodyOf('content-length: 3');
  assert.equal(body.push(Buffer.from('a')), -1);
  assert.equal(body.push(Buffer.from('bcGET')), 2);
  assert.equal(body.ended, true);
  assert.equal(body.peek().toString(), 'abc');
});

test('of a body that is malformed nothing is held', () => {
  const body = bodyOf('transfer-encoding: chunked');
  body.push(Buffer.from('5\r\nhello\r\n'));
  assert.equal(body.heldBytes, 5);
  assert.throws(() => body.push(Buffer.from('x')), HttpSyntaxError);
  assert.equal(body.heldBytes, 0);
});
