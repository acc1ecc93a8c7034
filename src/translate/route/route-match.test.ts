import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RegexError, routeMatch } from './route-match.ts';

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
  const regex = (value: string) => () => routeMatch({ path: { type: 'RegularExpression', value } });
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
    assert.throws(regex(bad), RegexError, bad);
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
    assert.doesNotThrow(regex(good), good);
});
