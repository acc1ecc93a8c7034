import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from './byte-budget.ts';
import { HeldBytes } from './held-bytes.ts';

test('what workers hold adds up to one bound, and a dead one gives back its share', () => {
  const budget = ByteBudget.create(1024, 3);
  const [one, two] = [ByteBudget.attach(budget.shared, 1), ByteBudget.attach(budget.shared, 2)];
  assert.ok(one.resize(0, 500));
  assert.ok(two.resize(0, 500));
  assert.ok(!two.hasRoom(100));
  assert.ok(!two.resize(500, 600));
  assert.equal(budget.heldBytes, 1024);
  budget.reclaim(1);
  assert.equal(budget.heldBytes, 512);
  assert.ok(two.resize(500, 900));
  assert.ok(two.resize(900, 0));
  assert.equal(budget.heldBytes, 0);
});

test('more bytes than 32 bits can count are counted', () => {
  const budget = ByteBudget.create(64 * 2 ** 30);
  assert.ok(budget.resize(0, 60 * 2 ** 30));
  assert.ok(!budget.resize(0, 5 * 2 ** 30));
  assert.ok(budget.resize(60 * 2 ** 30, 0));
  assert.equal(budget.heldBytes, 0);
});

test('pieces are given back as they came, whatever their sizes, and nothing stays counted', () => {
  const piece = fc.oneof(fc.constantFrom(1, 2, 100, 4095, 4096, 20_000, 60_000), fc.nat(300));
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }),
      fc.boolean(),
      fc.constantFrom(-1, 300_000, 600_000),
      (sizes, whole, expected) => {
        const budget = ByteBudget.create(400_000);
        const held = new HeldBytes(budget, expected);
        const came: Buffer[] = [];
        let fill = 0;
        for (const size of sizes) {
          const bytes = Buffer.alloc(size, ++fill);
          if (held.push(bytes)) came.push(bytes);
          else assert.ok(held.length + size > 400_000 - 64);
          // Whoever owns the piece may write to it no more, but a block of ours must not change what was given out.
          if (whole && fill % 7 === 0) held.whole();
        }
        assert.equal(held.length, Buffer.concat(came).length);
        assert.ok(budget.heldBytes >= held.length && budget.heldBytes < held.length + 64);
        const got = whole ? held.whole() : Buffer.concat(held.take());
        held.drop();
        assert.ok(got.equals(Buffer.concat(came)));
        assert.equal(budget.heldBytes, 0);
      },
    ),
  );
});

test('a million pieces of one byte cost about what they hold', () => {
  const held = new HeldBytes(ByteBudget.create(10_000_000));
  for (let i = 0; i < 1_000_000; i++) held.push(Buffer.from([i]));
  const pieces = held.take();
  assert.ok(pieces.length < 100, `${pieces.length} pieces`);
  assert.ok(pieces.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) < 2_000_000);
});

test('what is shared stays counted until the last one lets go', () => {
  const budget = ByteBudget.create(10_000);
  const held = new HeldBytes(budget);
  held.push(Buffer.alloc(1000));
  held.share();
  held.share();
  held.drop();
  held.drop();
  assert.ok(budget.heldBytes >= 1000);
  held.drop();
  assert.equal(budget.heldBytes, 0);
});
