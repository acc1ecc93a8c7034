import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_HEADER_MUTATION, type Route } from '../../../plan/index.ts';
import { type AskedAt, redirects } from './redirect.ts';

const action = { kind: 'redirect', statusCode: 302 } as const;
const route: Route = {
  name: 'r',
  source: { kind: 'HTTPRoute', namespace: 'default', name: 'r' },
  ruleIndex: 0,
  match: { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] },
  requestHeaders: NO_HEADER_MUTATION,
  responseHeaders: NO_HEADER_MUTATION,
  mirrors: [],
  timeouts: {},
  action,
};
const at = (domain: string): AskedAt => ({ scheme: 'http', port: 8080, domain });
const shown = (more: object, domain = '*') =>
  redirects(route, { ...action, ...more }, at(domain)).map(({ action, hostWithPort }) => [
    action.hostRedirect,
    action.portRedirect,
    hostWithPort ?? false,
  ]);

test('the port is given, else the own one', () => {
  assert.deepEqual(shown({ port: 9 }), [[undefined, 9, false]]);
  assert.deepEqual(shown({}), [[undefined, 8080, false]]);
});

test('a port that the scheme implies is left out', () => {
  assert.deepEqual(shown({ scheme: 'https', hostname: 'b' }), [['b', undefined, false]]);
  assert.deepEqual(shown({ port: 80, hostname: 'b' }), [['b', undefined, false]]);
  assert.deepEqual(shown({ scheme: 'https', port: 80, hostname: 'b' }), [['b', 80, false]]);
});

test('where it is left out, a port of the Host is not kept', () => {
  assert.deepEqual(shown({ scheme: 'https' }, 'a.example.com'), [['a.example.com', undefined, false]]);
  assert.deepEqual(shown({ scheme: 'https' }, '*.example.com'), [
    [undefined, 443, true],
    [undefined, undefined, false],
  ]);
});
