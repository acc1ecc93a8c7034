import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RouteMatch } from '../plan/index.ts';
import { comparePrecedence, type Precedence } from './precedence.ts';

const value = fc.record({
  type: fc.constantFrom('Exact' as const, 'RegularExpression' as const),
  name: fc.constantFrom('a', 'b'),
  value: fc.constantFrom('1', '2'),
});
const match: fc.Arbitrary<RouteMatch> = fc
  .record({
    path: fc.record({
      type: fc.constantFrom('Exact' as const, 'RegularExpression' as const, 'PathPrefix' as const),
      value: fc.constantFrom('/', '/a', '/b', '/a/b', '/a/b/c'),
    }),
    method: fc.constantFrom(undefined, 'GET', 'POST'),
    headers: fc.array(value, { maxLength: 3 }),
    queryParams: fc.array(value, { maxLength: 2 }),
  })
  .map(({ method, ...rest }) => (method === undefined ? rest : { ...rest, method }));
const precedence: fc.Arbitrary<Precedence> = fc.record({
  match,
  created: fc.constantFrom('', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'),
  namespace: fc.constantFrom('a', 'b'),
  name: fc.constantFrom('x', 'y'),
  ruleIndex: fc.nat(2),
  matchIndex: fc.nat(2),
});

/** The specification's list read one criterion after the other, as tuples that compare element by element. */
function oracleKey(p: Precedence): (number | string)[] {
  const exact = (values: RouteMatch['headers']) => values.filter(v => v.type === 'Exact').length;
  return [
    ['Exact', 'RegularExpression', 'PathPrefix'].indexOf(p.match.path.type),
    -p.match.path.value.length,
    p.match.method === undefined ? 1 : 0,
    -p.match.headers.length,
    -exact(p.match.headers),
    -p.match.queryParams.length,
    -exact(p.match.queryParams),
    p.created,
    p.namespace,
    p.name,
    p.ruleIndex,
    p.matchIndex,
  ];
}

function oracle(a: Precedence, b: Precedence): number {
  const keyA = oracleKey(a);
  const keyB = oracleKey(b);
  const at = keyA.findIndex((element, index) => element !== keyB[index]);
  return at < 0 ? 0 : keyA[at]! < keyB[at]! ? -1 : 1;
}

test('equals the naive oracle', () => {
  fc.assert(
    fc.property(precedence, precedence, (a, b) =>
      assert.equal(Math.sign(comparePrecedence(a, b)), oracle(a, b)),
    ),
    { numRuns: 2000 },
  );
});

test('is total: antisymmetric and transitive, equal only for one and the same place', () => {
  fc.assert(
    fc.property(precedence, precedence, precedence, (a, b, c) => {
      assert.equal(Math.sign(comparePrecedence(a, b)), -Math.sign(comparePrecedence(b, a)) || 0);
      if (comparePrecedence(a, b) <= 0 && comparePrecedence(b, c) <= 0)
        assert.ok(comparePrecedence(a, c) <= 0);
      if (comparePrecedence(a, b) === 0) {
        const place = ({ namespace, name, ruleIndex, matchIndex }: Precedence) => [
          namespace,
          name,
          ruleIndex,
          matchIndex,
        ];
        assert.deepEqual(place(a), place(b));
      }
    }),
    { numRuns: 2000 },
  );
});

test('a method beats any number of headers (Gateway API, not Envoy Gateway, which counts it as one)', () => {
  const base = { created: '', namespace: 'a', name: 'x', ruleIndex: 0, matchIndex: 0 };
  const path = { type: 'PathPrefix', value: '/' } as const;
  const header = { type: 'Exact', name: 'a', value: '1' } as const;
  const method = { ...base, match: { path, method: 'GET', headers: [], queryParams: [] } };
  const headers = { ...base, match: { path, headers: [header, header], queryParams: [] } };
  assert.ok(comparePrecedence(method, headers) < 0);
});
