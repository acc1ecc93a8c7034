import assert from 'node:assert/strict';
import { test } from 'node:test';
import { corsOf } from './translate-cors.ts';

function allows(written: string, origin: string): boolean {
  const [{ type, value }] = corsOf({ allowOrigins: [written] }).origins as [{ type: string; value: string }];
  return type === 'Exact' ? value === origin : new RegExp(`^(?:${value})$`).test(origin);
}

test('an origin without a wildcard is itself', () => {
  assert.ok(allows('https://www.foo.com', 'https://www.foo.com'));
  for (const other of [
    'http://www.foo.com',
    'https://www.foo.com:8443',
    'https://foo.com',
    'https://www-foo.com',
  ])
    assert.equal(allows('https://www.foo.com', other), false, other);
});

test('a wildcard stands for any number of labels to its left, not for a port or none', () => {
  for (const origin of ['https://www.bar.com', 'https://a.b.bar.com'])
    assert.ok(allows('https://*.bar.com', origin), origin);
  for (const origin of [
    'https://bar.com',
    'https://www.bar.com:8443',
    'https://www.bar.com.evil.com',
    'https://wwwxbar.com',
  ])
    assert.equal(allows('https://*.bar.com', origin), false, origin);
  assert.ok(allows('https://*', 'https://anything.example'));
  assert.equal(allows('https://*', 'http://anything.example'), false);
  assert.ok(allows('https://*:8443', 'https://anything.example:8443'));
});

test('`*` alone is any origin, also `null` and ones with ports', () => {
  for (const origin of ['https://a.example:1', 'http://b', 'null']) assert.ok(allows('*', origin), origin);
});

test("the scheme's own port is the same as none, as browsers do not send it", () => {
  assert.ok(allows('https://a.example:443', 'https://a.example'));
  assert.ok(allows('http://a.example:80', 'http://a.example'));
  assert.equal(allows('http://a.example:443', 'http://a.example'), false);
});

test('defaults, and `*` of the exposed headers only without credentials', () => {
  assert.deepEqual(corsOf({}), {
    origins: [],
    allowMethods: [],
    allowHeaders: [],
    exposeHeaders: [],
    allowCredentials: false,
    maxAgeSeconds: 5,
  });
  assert.deepEqual(corsOf({ exposeHeaders: ['*'] }).exposeHeaders, ['*']);
  assert.deepEqual(corsOf({ exposeHeaders: ['*'], allowCredentials: true }).exposeHeaders, []);
});
