import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from '../../kernel/index.ts';
import { RequestBody } from '../codec/request-body.ts';
import { passBody } from './pass-body.ts';

const UNKNOWN = -1;

function bodyOf(declaredLength: number): RequestBody {
  return new RequestBody(declaredLength, ByteBudget.create(1e6));
}

class Sink {
  readonly told: string[] = [];
  readonly #full: boolean;

  constructor(full = false) {
    this.#full = full;
  }

  data(bytes: Buffer): boolean {
    this.told.push(bytes.toString('latin1'));
    return !this.#full;
  }

  trailers(fields: readonly string[]): void {
    this.told.push(fields.join('='));
  }

  end(): void {
    this.told.push('end');
  }
}

test('a body goes on as it comes, however it is split, and its end is told once', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1 }), pieces => {
      const body = bodyOf(UNKNOWN);
      const sink = new Sink();
      for (const [i, piece] of pieces.entries()) {
        body.add(Buffer.from(piece));
        body.ended = i === pieces.length - 1;
        passBody(body, sink);
      }
      assert.deepEqual(sink.told, [...pieces.map(piece => Buffer.from(piece).toString('latin1')), 'end']);
    }),
  );
});

test('trailers come before the end', () => {
  const body = bodyOf(UNKNOWN);
  const sink = new Sink();
  body.add(Buffer.from('hello'));
  body.trailers = ['x-sum', '1'];
  body.ended = true;
  passBody(body, sink);
  assert.deepEqual(sink.told, ['hello', 'x-sum=1', 'end']);
});

test('it tells when the other side takes no more', () => {
  const body = bodyOf(3);
  body.add(Buffer.from('ab'));
  assert.equal(passBody(body, new Sink(true)), false);
  assert.equal(passBody(body, new Sink(true)), true, 'nothing was left to write');
  body.add(Buffer.from('c'));
  assert.equal(passBody(body, new Sink()), true);
});
