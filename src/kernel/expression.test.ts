import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Expression, ExpressionError, expressionOf } from './expression.ts';

test('what takes V8 a day takes a linear-time engine no time', () => {
  const evil = ['(a+)+', '(a|a)*', '(a|aa)+', '([a-z]+)*x', '(.*)*y', 'a{0,100}a{0,100}a{0,100}b'];
  const text = 'a'.repeat(60_000);
  for (const pattern of evil) {
    const began = performance.now();
    new Expression(pattern).matches(`${text}!`);
    assert.ok(performance.now() - began < 2_000, pattern);
  }
});

test('all of the text is matched, with or without anchors', () => {
  for (const pattern of ['/v1/[a-z]+', '^/v1/[a-z]+$', '^/v1/[a-z]+', '/v1/[a-z]+$']) {
    const expression = new Expression(pattern);
    assert.equal(expression.matches('/v1/models'), true, pattern);
    assert.equal(expression.matches('/v1/models/1'), false, pattern);
    assert.equal(expression.matches('x/v1/models'), false, pattern);
  }
  assert.equal(new Expression('^a|b').matches('b'), true);
  assert.equal(new Expression('/exact').matches('/exact'), true);
  assert.equal(new Expression('/exact').matches('/exacts'), false);
  assert.equal(new Expression('').matches(''), true);
  assert.equal(new Expression('^*a').matches('a'), true);
});

test('RE2 has what it has: quotes, classes by name, Unicode; and has not what it has not', () => {
  assert.equal(new Expression(String.raw`\Qa.b\E`).matches('a.b'), true);
  assert.equal(new Expression('[[:alpha:]]+').matches('abc'), true);
  assert.equal(new Expression(String.raw`\A\pL+\z`).matches('abc'), true);
  assert.equal(new Expression('(?i)ABC').matches('abc'), true);
  // As they come from a connection: each character a byte.
  const bytes = Buffer.from('é').toString('latin1');
  assert.equal(new Expression('é').matches(bytes), true);
  assert.equal(new Expression('.').matches(bytes), false);
  assert.equal(new Expression('..').matches(bytes), true);
  const refused = [
    '(?=a)b',
    '(?!a)',
    '(?<=a)b',
    '(?<!a)b',
    String.raw`(a)\1`,
    String.raw`\u0041`,
    '(',
    '[a',
    'a**',
  ];
  for (const pattern of [...refused, 'a{1001}', '(a{100}){100}', '\ud800', String.raw`\x{100}`])
    assert.throws(() => new Expression(pattern), ExpressionError, pattern);
  assert.throws(() => new Expression('(?<=a)b'), /lookaround and back references are not supported/);
});

test('what compiles to too much is refused', () => {
  assert.throws(
    () => new Expression('(?:[a-z]{500}x){2}|'.repeat(12)),
    /instructions, more than 10000$|invalid repeat count/,
  );
});

test('an expression is compiled once', () => {
  assert.equal(expressionOf('/a.*'), expressionOf('/a.*'));
});

test('it says what V8 says, of what means the same to both', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', 'ab', '(?:a|b)', '(a)', '\\w', '\\.', '/');
  const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}')).map(parts => parts.join(''));
  const sequence = fc.array(piece, { maxLength: 4 }).map(parts => parts.join(''));
  const pattern = fc.array(sequence, { minLength: 1, maxLength: 3 }).map(parts => parts.join('|'));
  const text = fc.array(fc.constantFrom('a', 'b', '/', '.', 'c'), { maxLength: 6 }).map(all => all.join(''));
  fc.assert(
    fc.property(pattern, text, fc.boolean(), (source, subject, anchored) => {
      const written = anchored ? `^${source}` : source;
      assert.equal(
        new Expression(written).matches(subject),
        new RegExp(`^(?:${written})$`).test(subject),
        written,
      );
    }),
    { numRuns: 2_000 },
  );
});
