import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_HEADER_MUTATION, type Route, type RouteMatch, type Server } from '../../plan/index.ts';
import { mutateHeaders } from './header-mutation.ts';
import { HostTable } from './host-table.ts';
import { modifyPath, normalisePath, redirectLocation } from './path.ts';

const route = (name: string, match: Partial<RouteMatch> = {}): Route => ({
  name,
  source: { kind: 'HTTPRoute', namespace: 'default', name },
  ruleIndex: 0,
  match: { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [], ...match },
  requestHeaders: NO_HEADER_MUTATION,
  responseHeaders: NO_HEADER_MUTATION,
  mirrors: [],
  action: { kind: 'direct', status: 200, body: name, reason: '' },
  timeouts: {},
});

const table = (listeners: Record<string, Record<string, Route[]>>): HostTable => {
  const server: Server = {
    name: 'default/g/80',
    gateway: { kind: 'Gateway', namespace: 'default', name: 'g' },
    port: 80,
    protocol: 'HTTP',
    listeners: Object.entries(listeners).map(([hostname, hosts]) => ({
      name: hostname,
      ...(hostname === '*' ? {} : { hostname }),
      certificates: [],
      virtualHosts: Object.entries(hosts).map(([domain, routes]) => ({ domain, routes })),
    })),
  };
  return new HostTable(server);
};
const find = (t: HostTable, host: string, path = '/', extra = {}) =>
  t.find(host, { method: 'GET', path, query: '', headers: [], ...extra })?.route.name;

test('a request belongs to the most specific listener, then to its most specific host, and falls back to no other', () => {
  const t = table({
    '*': { '*': [route('any')] },
    '*.example.com': { '*.example.com': [route('wild')], 'a.example.com': [route('a', { method: 'POST' })] },
    'b.example.com': {},
  });
  assert.equal(find(t, 'x.y.example.com'), 'wild');
  assert.equal(find(t, 'example.com'), 'any');
  assert.equal(find(t, 'a.example.com'), undefined);
  assert.equal(find(t, 'b.example.com'), undefined);
});

test('a prefix matches whole elements; an expression matches the whole path', () => {
  const t = table({
    '*': {
      '*': [
        route('prefix', { path: { type: 'PathPrefix', value: '/abc' } }),
        route('regex', { path: { type: 'RegularExpression', value: '/x[0-9]|/y' } }),
      ],
    },
  });
  assert.equal(find(t, 'h', '/abc'), 'prefix');
  assert.equal(find(t, 'h', '/abc/d'), 'prefix');
  assert.equal(find(t, 'h', '/abcd'), undefined);
  assert.equal(find(t, 'h', '/x1'), 'regex');
  assert.equal(find(t, 'h', '/x12'), undefined);
});

test('headers and query parameters must all match: any line of a header, the first of a parameter, as written', () => {
  const t = table({
    '*': {
      '*': [
        route('both', {
          headers: [{ type: 'Exact', name: 'x-a', value: '2' }],
          queryParams: [{ type: 'RegularExpression', name: 'q', value: '[a-c]+' }],
        }),
      ],
    },
  });
  const headers = ['x-a', '1', 'x-a', '2'];
  assert.equal(find(t, 'h', '/', { headers, query: 'q=abc&q=z' }), 'both');
  assert.equal(find(t, 'h', '/', { headers, query: 'q=abcd' }), undefined);
  assert.equal(find(t, 'h', '/', { headers, query: 'q=a%62c' }), undefined);
  assert.equal(find(t, 'h', '/', { headers: ['x-a', '1,2'], query: 'q=abc' }), undefined);
  assert.equal(find(t, 'h', '/', { headers: [], query: 'q=abc' }), undefined);
});

for (const [path, expected] of [
  ['/a/./b/../c', '/a/c'],
  ['/a//b', '/a/b'],
  ['/a/b/..', '/a/'],
  ['/%2e%2E/x', '/x'],
  ['/..', '/'],
  ['/a//../b', '/a/b'],
  ['/%41%7e%2d|"%20', '/A~-%7C%22%20'],
  ['/%zz%', '/%zz%'],
  ['/a%00', undefined],
] as const) {
  test(`the path ${path} becomes ${expected ?? 'a bad request'}`, () => {
    assert.deepEqual(
      normalisePath(path),
      expected === undefined ? { kind: 'invalid' } : { kind: 'path', path: expected },
    );
  });
}

test('a path that was made normal is normal, and an escaped slash is a redirect', () => {
  assert.deepEqual(normalisePath('/a%2Fb'), { kind: 'redirect', path: '/a/b' });
  const part = fc.constantFrom('', '.', '..', 'a', 'b.c', '%2e');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), parts => {
      const once = normalisePath(`/${parts.join('/')}`);
      if (once.kind !== 'path') return;
      assert.deepEqual(normalisePath(once.path), once);
      assert.ok(!once.path.split('/').includes('..'));
    }),
  );
});

test('path modifiers replace all of it, or the elements that matched', () => {
  const prefix = { type: 'PathPrefix', value: '/foo' } as const;
  assert.equal(modifyPath('/foo/bar', { type: 'ReplacePrefixMatch', value: '/x/' }, prefix), '/x/bar');
  assert.equal(modifyPath('/foo', { type: 'ReplacePrefixMatch', value: '/' }, prefix), '/');
  assert.equal(modifyPath('/foo/bar', { type: 'ReplaceFullPath', value: '/y' }, prefix), '/y');
});

test('a redirect leaves out the port that its scheme implies', () => {
  const match = { type: 'PathPrefix', value: '/' } as const;
  const request = { scheme: 'http', host: 'a', path: '/p', query: 'q=1' } as const;
  const action = { kind: 'redirect', statusCode: 301, scheme: 'https' } as const;
  assert.equal(redirectLocation(action, request, match, 443), 'https://a/p?q=1');
  assert.equal(redirectLocation(action, request, match, 8443), 'https://a:8443/p?q=1');
});

test('header mutations set, add and remove whatever the case', () => {
  const headers = ['x-a', '1', 'x-b', '2', 'x-a', '3'];
  mutateHeaders(headers, {
    set: [{ name: 'X-A', value: '9' }],
    add: [{ name: 'X-C', value: '4' }],
    remove: ['x-B'],
  });
  assert.deepEqual(headers, ['x-a', '9', 'x-c', '4']);
});
