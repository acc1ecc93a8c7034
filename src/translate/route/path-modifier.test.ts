import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pathModifier } from './path-modifier.ts';

type Spec = Parameters<typeof pathModifier>[0];

function read(spec: Spec) {
  const errors: { field: string; message: string }[] = [];
  return { modifier: pathModifier(spec, errors), errors };
}

test('a path that would end the request line, or add a header, is refused', () => {
  for (const value of ['/a b', '/a\r\nx-admin: 1', '/\u0000', '/é', '/\u007f', 'a', 'http://a/', '/a#b']) {
    const [error] = read({ type: 'ReplaceFullPath', replaceFullPath: value }).errors;
    assert.equal(error?.field, 'replaceFullPath', value);
    assert.doesNotMatch(error?.message ?? '', /[^ -~é]/);
    assert.equal(read({ type: 'ReplacePrefixMatch', replacePrefixMatch: value }).errors.length, 1);
  }
});

test('an empty path is the root', () => {
  const { modifier, errors } = read({ type: 'ReplaceFullPath', replaceFullPath: '' });
  assert.deepEqual(modifier, { type: 'ReplaceFullPath', value: '/' });
  assert.deepEqual(errors, []);
  assert.equal(read({ type: 'ReplacePrefixMatch', replacePrefixMatch: '' }).modifier.value, '/');
});

test('what is not refused is printable ASCII that begins with a slash', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, slash) => {
      const value = slash ? `/${text}` : text;
      const { modifier, errors } = read({ type: 'ReplaceFullPath', replaceFullPath: value });
      if (errors.length === 0) assert.match(modifier.value, /^\/[!-"$-~]*$/);
    }),
  );
});
