import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareDomains, servedDomains } from './hostname.ts';

const none = new Set<string>();

test('domains that listener and route have in common', () => {
  const cases: [string | undefined, string[], string[]][] = [
    [undefined, [], ['*']],
    ['a.com', [], ['a.com']],
    [undefined, ['a.com', '*.b.com'], ['*.b.com', 'a.com']],
    ['a.com', ['a.com'], ['a.com']],
    ['a.com', ['b.com'], []],
    [
      '*.example.com',
      ['foo.example.com', 'example.com', 'a.b.example.com'],
      ['a.b.example.com', 'foo.example.com'],
    ],
    ['foo.example.com', ['*.example.com'], ['foo.example.com']],
    ['*.example.com', ['*.com'], ['*.example.com']],
    ['*.com', ['*.example.com'], ['*.example.com']],
    ['*.example.com', ['*.notexample.com'], []],
    ['*.example.com', ['notexample.com'], []],
    [undefined, ['Example.COM'], ['example.com']],
  ];
  for (const [listener, route, expected] of cases)
    assert.deepEqual(servedDomains(listener, route, none), expected, `${listener} x ${route}`);
});

test('a host name of another listener on the port is not served', () => {
  assert.deepEqual(
    servedDomains('*.example.com', ['foo.example.com', 'bar.example.com'], new Set(['foo.example.com'])),
    ['bar.example.com'],
  );
});

test('compareDomains is a total order with exact names first and * last', () => {
  const domain = fc.constantFrom(
    '*',
    '*.com',
    '*.example.com',
    'a.com',
    'foo.example.com',
    'b.com',
    '*.b.com',
  );
  fc.assert(
    fc.property(fc.uniqueArray(domain), domains => {
      const sorted = [...domains].sort(compareDomains);
      assert.deepEqual([...domains].reverse().sort(compareDomains), sorted);
      if (domains.includes('*')) assert.equal(sorted.at(-1), '*');
      const firstWild = sorted.findIndex(d => d.startsWith('*'));
      if (firstWild >= 0) assert.ok(sorted.slice(firstWild).every(d => d.startsWith('*')));
    }),
  );
});
