import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeMatch as read } from './translate-route-match.ts';

const routeMatch = (spec: Parameters<typeof read>[0]) => read(spec).match!;

test('a prefix loses its trailing slash, but not the root', () => {
  const prefix = (value: string) => routeMatch({ path: { type: 'PathPrefix', value } }).path.value;
  assert.equal(prefix('/abc/'), '/abc');
  assert.equal(prefix('/'), '/');
  assert.equal(routeMatch({ path: { type: 'Exact', value: '/abc/' } }).path.value, '/abc/');
});

test('of equal names the first counts; headers are in lower case, parameters as they are', () => {
  const match = routeMatch({
    path: { type: 'PathPrefix', value: '/' },
    headers: [
      { type: 'Exact', name: 'X-A', value: '1' },
      { type: 'Exact', name: 'x-a', value: '2' },
    ],
    queryParams: [
      { type: 'Exact', name: 'Q', value: '1' },
      { type: 'Exact', name: 'q', value: '2' },
    ],
  });
  assert.deepEqual(match.headers, [{ type: 'Exact', name: 'x-a', value: '1' }]);
  assert.deepEqual(
    match.queryParams.map(({ name }) => name),
    ['Q', 'q'],
  );
});

test('refuses regular expressions that one of the planes cannot run', () => {
  const regex = (value: string) => read({ path: { type: 'RegularExpression', value } });
  for (const bad of [
    '/(',
    '/a(?=b)',
    '/(?<!a)b',
    '/(a)\\1',
    '',
    '/[a-',
    '/\\u0041',
    '/a{2000}',
    '/a{1,1001}',
  ])
    assert.match(regex(bad).error ?? '', /is invalid: .*; its requests go to what else matches them/, bad);
  for (const good of [
    '\\A/a',
    '/\\pL',
    '/[[:alpha:]]',
    '/v[0-9]+',
    '/(?:a|b)',
    '/(?i:a)?\\d',
    '/\\\\A',
    '/A:z',
    '/a{1000}',
    '/a{2,}',
  ])
    assert.equal(regex(good).error, undefined, good);
});

test('an expression of a header or a parameter that cannot be run takes every value beside what can be told', () => {
  const path = { type: 'PathPrefix', value: '/chat' } as const;
  const bad = { type: 'RegularExpression', name: 'A', value: '(' } as const;
  const { match, error } = read({ path, headers: [bad], queryParams: [{ ...bad, value: '' }] });
  assert.deepEqual(match, {
    path,
    headers: [{ type: 'RegularExpression', name: 'a', value: '.*' }],
    queryParams: [{ type: 'RegularExpression', name: 'A', value: '.*' }],
  });
  assert.match(
    error ?? '',
    /^regex "\(" is invalid: .*, regex "" is invalid: .*; requests that match all else/,
  );
});
