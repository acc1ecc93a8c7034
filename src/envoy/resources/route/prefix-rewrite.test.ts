import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeSubstitution, prefixRewrite } from './prefix-rewrite.ts';

/** What Envoy does with a path that the prefix matches. */
function rewritten(path: string, matched: string, replacement: string): string {
  const prefix = matched.endsWith('/') ? matched.slice(0, -1) : matched;
  const rewrite = prefixRewrite(matched, replacement);
  return rewrite.kind === 'prefix'
    ? rewrite.value + path.slice(prefix === '' ? 1 : prefix.length)
    : path.replace(new RegExp(rewrite.regex), rewrite.value);
}

/** The table of Gateway API's HTTPPathModifier.replacePrefixMatch, and the root on either side. */
const ROWS = [
  ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
  ['/foo/bar', '/foo/', '/xyz/', '/xyz/bar'],
  ['/foo', '/foo', '/xyz', '/xyz'],
  ['/foo/', '/foo', '/xyz', '/xyz/'],
  ['/foo/bar', '/foo', '', '/bar'],
  ['/foo/', '/foo', '', '/'],
  ['/foo', '/foo', '', '/'],
  ['/foo/', '/foo', '/', '/'],
  ['/foo', '/foo', '/', '/'],
  ['/foo/bar', '/', '/xyz', '/xyz/foo/bar'],
  ['/', '/', '/xyz', '/xyz/'],
  ['/foo', '/', '/', '/foo'],
  ['/a.b/c', '/a.b', '/', '/c'],
] as const;

for (const [path, matched, replacement, expected] of ROWS) {
  test(`${path} with ${matched} replaced by ${JSON.stringify(replacement)} is ${expected}`, () => {
    assert.equal(rewritten(path, matched, replacement), expected);
  });
}

test('a backslash of a path is no group of the expression', () => {
  assert.equal(escapeSubstitution('/a\\1'), '/a\\\\1');
});
